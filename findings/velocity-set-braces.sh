#!/bin/sh
# Apache Velocity 1.7 reads ${name} and $name as the same variable everywhere but on the
# left of #set: there the braces make it another, which nothing can read, and nobody is
# told.
#
# Version:  Debian's velocity 1.7-6 (Apache Velocity 1.7), any JDK from 8 on.
# Expected: #set(${a} = 1) assigns $a, as the formal notation is the same reference, or
#           is refused. So [1] three times.
# Seen:     [1][$b][$c]. What is assigned is the text of the first token behind its first
#           sign: "{" for ${b}, "!c" for $!c.
set -eu
for tool in apt-get dpkg-deb javac java; do
	command -v "$tool" >/dev/null || { echo "skipped: there is no $tool"; exit 0; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q velocity=1.7-6 libcommons-lang-java libcommons-collections3-java >/dev/null 2>&1 ||
	{ echo "skipped: Debian's velocity 1.7-6 is not to be had"; exit 0; }
for package in *.deb; do
	dpkg-deb -x "$package" .
done
jars=usr/share/java/velocity.jar:usr/share/java/commons-lang.jar:usr/share/java/commons-collections3.jar
cat >Set.java <<'JAVA'
import java.io.StringWriter;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

public class Set {
    public static void main(String[] args) {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.init();
        StringWriter out = new StringWriter();
        engine.evaluate(new VelocityContext(), out, "t",
            "#set($a = 1)#set(${b} = 1)#set($!c = 1)[$a][$b][$c]");
        System.out.println(out);
    }
}
JAVA
javac -cp "$jars" Set.java
seen=$(java -cp "$jars:." Set)
echo "$seen"
[ "$seen" = '[1][$b][$c]' ] || { echo "this has changed"; exit 1; }
