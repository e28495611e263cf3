import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.util.introspection.Info;

/**
 * Renders templates with Apache Velocity 1.7 as API Gateway runs it: every
 * reference or call that would be null or unknown is the empty string.
 *
 * It reads lines of two words, both base64: the context, a JSON object, and
 * the template. For each it writes a line: "=" and the output, or "!" and the
 * error, in base64 as well.
 */
public class Oracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, "US-ASCII");
        VelocityEngine shared = engine();
        for (String line; (line = in.readLine()) != null;) {
            String[] words = line.split(" ", -1);
            String template = decode(words[1]);
            // A macro stays with its engine, so a template with one gets its own.
            VelocityEngine engine = template.contains("macro") ? engine() : shared;
            String answer;
            try {
                answer = "=" + encode(render(engine, decode(words[0]), template));
            } catch (Throwable problem) {
                answer = "!" + encode(problem.getClass().getSimpleName() + ": " + problem.getMessage());
            }
            out.println(answer);
        }
        out.flush();
    }

    static VelocityEngine engine() throws Exception {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.init();
        return engine;
    }

    static String render(VelocityEngine engine, String json, String template) throws Exception {
        return render(engine, (Map<?, ?>) new Json(json).value(), template);
    }

    static String render(VelocityEngine engine, Map<?, ?> values, String template) throws Exception {
        VelocityContext context = new VelocityContext();
        for (Map.Entry<?, ?> e : values.entrySet()) {
            context.put((String) e.getKey(), e.getValue());
        }
        EventCartridge events = new EventCartridge();
        events.addEventHandler(new EmptyInsteadOfNull());
        events.attachToContext(context);
        StringWriter writer = new StringWriter();
        engine.evaluate(context, writer, "t", template);
        return writer.toString();
    }

    static String decode(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }

    static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The one change that makes the recorded templates come out. */
    static class EmptyInsteadOfNull implements InvalidReferenceEventHandler {
        public Object invalidGetMethod(Context c, String reference, Object o, String property, Info i) {
            return "";
        }

        public Object invalidMethod(Context c, String reference, Object o, String method, Info i) {
            return "";
        }

        public boolean invalidSetMethod(Context c, String left, String right, Info i) {
            return false;
        }
    }

    /** Reads JSON into LinkedHashMap, ArrayList, String, Integer, Long, Double and Boolean. */
    static class Json {
        final String text;
        int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            skip();
            char c = text.charAt(at);
            if (c == '{') {
                Map<String, Object> m = new LinkedHashMap<>();
                at++;
                for (skip(); text.charAt(at) != '}'; skip()) {
                    if (text.charAt(at) == ',') {
                        at++;
                        skip();
                    }
                    String key = string();
                    skip();
                    at++; // the colon
                    m.put(key, value());
                }
                at++;
                return m;
            }
            if (c == '[') {
                ArrayList<Object> l = new ArrayList<>();
                at++;
                for (skip(); text.charAt(at) != ']'; skip()) {
                    if (text.charAt(at) == ',') {
                        at++;
                    }
                    l.add(value());
                }
                at++;
                return l;
            }
            if (c == '"') {
                return string();
            }
            int start = at;
            while (at < text.length() && "{}[],: \n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at);
            switch (word) {
            case "null":
                return null;
            case "true":
                return Boolean.TRUE;
            case "false":
                return Boolean.FALSE;
            }
            if (word.matches(".*[.eE].*")) {
                return word.length() > 18 ? (Object) new BigDecimal(word) : Double.valueOf(word);
            }
            BigInteger n = new BigInteger(word);
            if (n.bitLength() < 32) {
                return n.intValue();
            }
            return n.bitLength() < 64 ? (Object) n.longValue() : n;
        }

        String string() {
            StringBuilder s = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c != '\\') {
                    s.append(c);
                    continue;
                }
                c = text.charAt(++at);
                if (c == 'u') {
                    s.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    int i = "nrtbf".indexOf(c);
                    s.append(i < 0 ? c : "\n\r\t\b\f".charAt(i));
                }
            }
            at++;
            return s.toString();
        }

        void skip() {
            while (" \n\r\t".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
