#!/bin/sh
# Jayway JsonPath answers the same expression on the same document differently the second
# time: a deep scan over a wildcard finds a property once, and from then on never again in
# this process.
#
# Version:  the JsonPath in WireMock 3.13.2 (npm wiremock@3.13.2), any JDK from 11 on.
# Expected: JsonPath.read is a function of its two arguments, so that it prints [1] thrice.
# Seen:     [1], [], []. Compiled paths are kept in a cache, and scanning an array leaves
#           the place of its last item in the compiled path, where it decides whether a
#           property that is found later counts. The arrays of the document need not have
#           anything to do with the property.
set -eu
for tool in npm javac java; do
	command -v "$tool" >/dev/null || { echo "skipped: there is no $tool"; exit 0; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent wiremock@3.13.2 >/dev/null
tar xzf wiremock-3.13.2.tgz
jar=package/build/wiremock-standalone-3.13.2.jar
cat >Twice.java <<'JAVA'
import wiremock.com.jayway.jsonpath.JsonPath;

public class Twice {
    public static void main(String[] args) {
        String document = "{\"a\": {\"b\": 1}, \"l\": [1, 2]}";
        for (int i = 0; i < 3; i++) {
            System.out.println(JsonPath.read(document, "$..*.b").toString());
        }
    }
}
JAVA
javac -cp "$jar" Twice.java
java -cp "$jar:." Twice 2>/dev/null | tee seen
printf '[1]\n[]\n[]\n' | cmp - seen
