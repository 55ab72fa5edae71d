import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A person with a phone: fills forms with the engine inside ODK Collect.
 *
 * One JSON object a line on stdin, one reply a line on stdout:
 *   {"do":"device", "deviceid":…, "username":…, "phonenumber":…, "email":…}
 *   {"do":"load", "form":path, "media":folder}            -> {"form":n, "title":…, "id":…, "version":…}
 *   {"do":"fill", "form":n, "seed":…, "repeats":…, "answers":…, …}  -> see Harvest; or {"dead_end":…}
 *   {"do":"evaluate", "form":n, "expression":…, "at":ref} -> {"type":…, "value":…}, over the last fill
 *   {"do":"forget", "form":n}
 * A refusal is {"error":…}.
 */
public final class Filler {
    static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Integer, LoadedForm> forms = new HashMap<>();
    private int loads = 0;

    public static void main(String[] args) throws Exception {
        PrintStream replies = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        // The engine prints now and then; nothing but replies may reach stdout.
        System.setOut(System.err);
        LoadedForm.prepareEngine();
        Filler filler = new Filler();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            replies.println(JSON.writeValueAsString(filler.answer(JSON.readTree(line))));
            replies.flush();
        }
    }

    private ObjectNode answer(JsonNode command) {
        try {
            switch (command.path("do").asText()) {
                case "device": return device(command);
                case "load": return load(command);
                case "fill": return fill(command);
                case "evaluate": return form(command).evaluate(
                    command.get("expression").asText(), command.path("at").asText(""));
                case "forget":
                    forms.remove(command.get("form").asInt());
                    return JSON.createObjectNode();
                default: throw new IllegalArgumentException("No such command: " + command.path("do"));
            }
        } catch (DeadEnd end) {
            return JSON.createObjectNode().set("dead_end", end.told());
        } catch (Exception | StackOverflowError error) {
            return refusal(error);
        }
    }

    private static ObjectNode refusal(Throwable error) {
        StringBuilder said = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            String sentence = cause.getClass().getSimpleName() + ": " + cause.getMessage();
            if (said.indexOf(sentence) < 0) {
                said.append(said.length() == 0 ? "" : " <- ").append(sentence);
            }
        }
        StackTraceElement[] where = error.getStackTrace();
        if (where.length > 0) {
            said.append(" at ").append(where[0]);
        }
        return JSON.createObjectNode().put("error", said.toString());
    }

    private static ObjectNode device(JsonNode command) {
        Map<String, String> properties = new HashMap<>();
        command.fields().forEachRemaining(field -> properties.put(field.getKey(), field.getValue().asText()));
        Device.become(properties);
        return JSON.createObjectNode();
    }

    private ObjectNode load(JsonNode command) throws Exception {
        LoadedForm form = new LoadedForm(
            new File(command.get("form").asText()), new File(command.get("media").asText()));
        forms.put(++loads, form);
        return form.described().put("form", loads);
    }

    private ObjectNode fill(JsonNode command) throws Exception {
        LoadedForm form = form(command);
        Plan plan = new Plan(command);
        form.begin();
        Walk walk = new Walk(form.model(), plan);
        walk.toTheEnd();
        ObjectNode told = new Harvest(form.model()).told(walk.unanswered());
        walk.screens().forEach(told.putArray("screens")::add);
        walk.trail().forEach(told.putArray("trail")::add);
        return told;
    }

    private LoadedForm form(JsonNode command) {
        LoadedForm form = forms.get(command.path("form").asInt());
        if (form == null) {
            throw new IllegalArgumentException("No form " + command.path("form") + " is loaded.");
        }
        return form;
    }
}
