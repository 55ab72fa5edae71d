import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A text that a regular expression matches, for the expressions found in forms.
 *
 * Knows literals, `.`, classes, `\d \w \s \p{L}`, groups, alternatives and quantifiers; look-arounds and
 * back-references are not made, so such a sample is merely one more guess that the constraint refuses.
 */
final class PatternSample {
    private static final String LETTERS = "abcdefghiklmnopqrstuvxyăâđêôơư";
    private static final int MOST_OF_MANY = 8;

    private final String pattern;
    private final Random chance;
    private int at = 0;

    PatternSample(String pattern, Random chance) {
        this.pattern = pattern;
        this.chance = chance;
    }

    String text() {
        at = 0;
        return alternatives();
    }

    /** Reads `a|b|c` up to a closing bracket or the end, and keeps one of them. */
    private String alternatives() {
        List<String> samples = new ArrayList<>();
        StringBuilder sample = new StringBuilder();
        while (at < pattern.length() && pattern.charAt(at) != ')') {
            if (pattern.charAt(at) == '|') {
                at++;
                samples.add(sample.toString());
                sample.setLength(0);
            } else {
                sample.append(repeated());
            }
        }
        samples.add(sample.toString());
        return samples.get(chance.nextInt(samples.size()));
    }

    /** One atom with its quantifier: reads it again for each copy, so that the copies differ. */
    private String repeated() {
        int start = at;
        String first = atom();
        int[] bounds = quantifier();
        int after = at;
        int copies = bounds[0] + chance.nextInt(bounds[1] - bounds[0] + 1);
        StringBuilder copy = new StringBuilder(copies > 0 ? first : "");
        for (int i = 1; i < copies; i++) {
            at = start;
            copy.append(atom());
        }
        at = after;
        return copy.toString();
    }

    private String atom() {
        char c = pattern.charAt(at++);
        switch (c) {
            case '^': case '$': return "";
            case '.': return String.valueOf(oneOf(LETTERS));
            case '\\': return escaped();
            case '[': return String.valueOf(oneOf(characterClass()));
            case '(': return group();
            default: return String.valueOf(c);
        }
    }

    private String group() {
        if (pattern.startsWith("?:", at)) {
            at += 2;
        }
        String sample = alternatives();
        at++;
        return sample;
    }

    private String escaped() {
        String set = escapedSet();
        return set.isEmpty() ? "" : String.valueOf(oneOf(set));
    }

    private String escapedSet() {
        char c = pattern.charAt(at++);
        switch (c) {
            case 'd': return "0123456789";
            case 'w': return "abcxyzABC_019";
            case 's': return " ";
            case 'b': case 'B': return "";
            case 'p':
                at = pattern.indexOf('}', at) + 1;
                return LETTERS;
            default: return String.valueOf(c);
        }
    }

    private String characterClass() {
        boolean not = pattern.charAt(at) == '^';
        if (not) {
            at++;
        }
        StringBuilder set = new StringBuilder();
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            char c = pattern.charAt(at++);
            if (c == '\\') {
                set.append(escapedSet());
            } else if (at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
                char last = pattern.charAt(at + 1);
                at += 2;
                for (char each = c; each <= last && set.length() < 2000; each++) {
                    set.append(each);
                }
            } else {
                set.append(c);
            }
        }
        at++;
        return not ? without(set.toString()) : set.toString();
    }

    private static String without(String excluded) {
        StringBuilder left = new StringBuilder();
        for (char c : (LETTERS + "0123456789 -").toCharArray()) {
            if (excluded.indexOf(c) < 0) {
                left.append(c);
            }
        }
        return left.toString();
    }

    private int[] quantifier() {
        if (at >= pattern.length()) {
            return new int[] {1, 1};
        }
        int[] bounds;
        switch (pattern.charAt(at)) {
            case '?': bounds = new int[] {0, 1}; at++; break;
            case '*': bounds = new int[] {0, MOST_OF_MANY}; at++; break;
            case '+': bounds = new int[] {1, MOST_OF_MANY}; at++; break;
            case '{': bounds = counted(); break;
            default: return new int[] {1, 1};
        }
        if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == '+')) {
            at++;
        }
        return bounds;
    }

    private int[] counted() {
        int end = pattern.indexOf('}', at);
        String[] bounds = pattern.substring(at + 1, end).split(",", -1);
        at = end + 1;
        int fewest = Integer.parseInt(bounds[0].trim());
        if (bounds.length == 1) {
            return new int[] {fewest, fewest};
        }
        String last = bounds[1].trim();
        return new int[] {fewest, last.isEmpty() ? fewest + MOST_OF_MANY : Integer.parseInt(last)};
    }

    private char oneOf(String set) {
        return set.isEmpty() ? 'x' : set.charAt(chance.nextInt(set.length()));
    }
}
