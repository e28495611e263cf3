import java.io.StringReader;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.parser.node.SimpleNode;

/**
 * Renders a template with Apache Velocity 1.7, parsed once, on a warm JVM, and
 * prints the processor time of one rendering in nanoseconds: that of the
 * rendering thread, without the compiler's and the collector's. With "output"
 * as its third argument it prints what the template renders.
 */
public class Bench {
    static int consumed;
    static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    public static void main(String[] args) throws Exception {
        String text = new String(Files.readAllBytes(Path.of(args[0])), StandardCharsets.UTF_8);
        Map<?, ?> root = (Map<?, ?>) new Oracle.Json(new String(Files.readAllBytes(Path.of(args[1])), StandardCharsets.UTF_8)).value();
        RuntimeInstance runtime = new RuntimeInstance();
        runtime.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        runtime.init();
        SimpleNode tree = runtime.parse(new StringReader(text), "t");
        if (args.length > 2) {
            System.out.print(render(runtime, tree, root));
            return;
        }
        for (long end = System.nanoTime() + 8_000_000_000L; System.nanoTime() < end;) {
            consumed += render(runtime, tree, root).length();
        }
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            int count = 500;
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < count; i++) {
                consumed += render(runtime, tree, root).length();
            }
            best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / count);
        }
        System.out.println(best);
    }

    static String render(RuntimeInstance runtime, SimpleNode tree, Map<?, ?> root) {
        VelocityContext context = new VelocityContext();
        context.put("root", root);
        EventCartridge events = new EventCartridge();
        events.addEventHandler(new Oracle.EmptyInsteadOfNull());
        events.attachToContext(context);
        StringWriter writer = new StringWriter();
        runtime.render(context, writer, "t", tree);
        return writer.toString();
    }
}
