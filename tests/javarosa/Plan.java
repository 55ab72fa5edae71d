import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;

/** What this person means to answer: a seed for what is left to chance, and wishes for the rest. */
final class Plan {
    final Random chance;
    /** Share of optional questions left blank, 0 to 1. */
    final double blanks;
    /** How often this person goes back to change answers. */
    final int changes;

    private final JsonNode answers;
    private final JsonNode repeats;
    private final int fewest;
    private final int most;
    private final Map<String, Integer> asked = new HashMap<>();

    Plan(JsonNode command) {
        chance = new Random(command.path("seed").asLong() * 0x9E3779B97F4A7C15L);
        blanks = command.path("blanks").asDouble(0);
        changes = command.path("changes").asInt(0);
        answers = command.path("answers");
        repeats = command.path("repeats");
        fewest = command.path("fewest").asInt(1);
        most = command.path("most").asInt(3);
    }

    /** How many instances of the repeat at `path` this person adds; asked once for each parent. */
    int wanted(String path) {
        JsonNode wish = wish(repeats, path);
        return wish == null ? fewest + chance.nextInt(most - fewest + 1) : wish.asInt();
    }

    /** The wish for the question at `path`: null = none, a JSON null = leave it blank. */
    JsonNode answer(String path) {
        return wish(answers, path);
    }

    /** Whether there is a wish for the question at `path`. */
    boolean wishes(String path) {
        return Arrays.stream(names(path)).anyMatch(answers::has);
    }

    /** A wish goes by `/root/r[2]/q`, `/root/r/q`, `/r/q` or `q`; a list is used up one asking at a time. */
    private JsonNode wish(JsonNode wishes, String path) {
        if (wishes.size() == 0) {
            return null;
        }
        for (String name : names(path)) {
            JsonNode found = wishes.get(name);
            if (found != null) {
                return found.isArray() ? turn(name, found) : found.isObject() ? any(found.get("one_of")) : found;
            }
        }
        return null;
    }

    private static String[] names(String path) {
        String plain = path.replaceAll("\\[\\d+\\]", "");
        return new String[] {
            path, plain, plain.substring(Math.max(plain.indexOf('/', 1), 0)), plain.substring(plain.lastIndexOf('/') + 1)};
    }

    private JsonNode any(JsonNode list) {
        return list.get(chance.nextInt(list.size()));
    }

    private JsonNode turn(String name, JsonNode list) {
        int turn = asked.merge(name, 1, Integer::sum) - 1;
        return turn < list.size() ? list.get(turn) : null;
    }

    /** `/data/member[1]/name`: positions on the steps that repeat, and on no other. */
    static String path(FormInstance instance, TreeReference ref) {
        StringBuilder path = new StringBuilder();
        for (int level = 0; level < ref.size(); level++) {
            path.append('/').append(ref.getName(level));
            TreeElement step = instance.resolveReference(ref.getSubReference(level));
            if (step != null && step.isRepeatable()) {
                path.append('[').append(ref.getMultiplicity(level) + 1).append(']');
            }
        }
        return path.toString();
    }
}
