import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Random;

/** Values a person in a mountain commune might give, led by what the constraint hints at. */
final class Invention {
    private static final String[] FAMILIES = {
        "Nguyễn", "Lò", "Vàng", "Giàng", "Lý", "Hoàng", "Quàng", "Đinh", "Sùng", "Tẩn", "H'", "Ksor", "Trần"};
    private static final String[] MIDDLES = {"Thị", "Văn", "A", "Seo", "Mí", "Thị Ngọc", "Đức", "Y", ""};
    private static final String[] GIVEN = {
        "Dợ", "Páo", "Mỷ", "Thảo", "Chúa", "Hạnh", "Bình", "Ước", "Sính", "Kỷ", "Đông", "Nghĩa", "Nhung", "Pao"};
    private static final String[] WORDS = {
        "nhà sàn", "chưa có điện", "đường đất", "trâu & bò < 5 con", "ngô, lúa", "“tạm trú”", "không", "bản Phìn Hồ",
        "ghi chú: mưa lũ", "học chữ 2 tháng", "có 1 điện thoại", "gần UBND xã", "e-mail: a@b.vn", "✓ đủ", "x"};

    private final Hints hints;
    private final Random chance;

    Invention(Hints hints, Random chance) {
        this.hints = hints;
        this.chance = chance;
    }

    long whole(int turn) {
        return Math.round(hints.numbers().isEmpty() || turn % 3 == 0 ? usualWhole(turn) : hinted(hints.numbers()));
    }

    double decimal(int turn) {
        double value = hints.numbers().isEmpty() || turn % 3 == 0 ? usualDecimal() : hinted(hints.numbers());
        return value + (turn % 5 == 1 ? chance.nextInt(10) / 10.0 : 0);
    }

    Date moment(int turn) {
        LocalDate today = LocalDate.now();
        long day;
        if (hints.days().isEmpty() || turn % 3 == 2) {
            int[] spans = {30, 365 * 2, 365 * 18, 365 * 80};
            day = today.toEpochDay() - chance.nextInt(spans[chance.nextInt(spans.length)]);
        } else {
            List<Double> days = new ArrayList<>();
            hints.days().forEach(hint -> days.add((double) hint));
            day = Math.round(hinted(days));
        }
        long bounded = Math.max(-50_000, Math.min(60_000, day));
        return Date.from(LocalDate.ofEpochDay(bounded)
            .atTime(chance.nextInt(24), chance.nextInt(60), chance.nextInt(60), chance.nextInt(1000) * 1_000_000)
            .atZone(ZoneId.systemDefault()).toInstant());
    }

    String text(int turn, boolean numberPad) {
        if (!hints.patterns().isEmpty() && turn % 4 != 3) {
            return new PatternSample(pick(hints.patterns()), chance).text();
        }
        if (!hints.texts().isEmpty() && turn % 4 == 2) {
            return pick(hints.texts());
        }
        if (!hints.numbers().isEmpty() && turn % 4 != 0) {
            return ofLength((int) Math.round(hinted(hints.numbers())), numberPad || turn % 2 == 0);
        }
        return numberPad ? phone() : usualText();
    }

    /** Latitude, longitude, altitude (m), accuracy (m), in the northern mountains. */
    double[] place() {
        return new double[] {
            20.5 + rounded(chance.nextDouble() * 2.7, 1e7), 102.2 + rounded(chance.nextDouble() * 3.5, 1e7),
            rounded(chance.nextDouble() * 2000, 10), rounded(2 + chance.nextDouble() * 30, 1000)};
    }

    ArrayList<double[]> walk(int points, boolean closed) {
        ArrayList<double[]> track = new ArrayList<>();
        double[] start = place();
        for (int i = 0; i < points; i++) {
            track.add(new double[] {start[0] + i * 0.0003, start[1] + chance.nextInt(9) * 0.0002, start[2], start[3]});
        }
        if (closed) {
            track.add(track.get(0).clone());
        }
        return track;
    }

    String digits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append(chance.nextInt(10));
        }
        return digits.toString();
    }

    /** Small, for a number may be a count of repeats; a year or a sum of money when small was refused. */
    private double usualWhole(int turn) {
        if (turn < 60 || turn % 4 == 0) {
            return chance.nextInt(10) < 7 ? chance.nextInt(12) : chance.nextInt(100);
        }
        switch (turn % 4) {
            case 1: return 1930 + chance.nextInt(100);
            case 2: return chance.nextInt(1000) * 1000;
            default: return chance.nextInt(2_000_000_000);
        }
    }

    private double usualDecimal() {
        switch (chance.nextInt(5)) {
            case 0: return chance.nextInt(900) * 1_000_000.0;
            case 1: return chance.nextInt(1000) / 100.0;
            case 2: return chance.nextInt(100) / 100_000.0;
            case 3: return chance.nextInt(12);
            default: return chance.nextInt(100_000) / 10.0;
        }
    }

    private double hinted(List<Double> about) {
        double one = pick(about);
        double other = pick(about);
        switch (chance.nextInt(6)) {
            case 0: return one;
            case 1: return one + (chance.nextBoolean() ? 1 : -1);
            case 2: return chance.nextBoolean() ? one + other : one - other;
            case 3: return one + (chance.nextBoolean() ? 1 : -1) * chance.nextInt(20);
            default: return Math.rint(one + chance.nextDouble() * (other - one));
        }
    }

    private String usualText() {
        switch (chance.nextInt(10)) {
            case 0: return phone();
            case 1: case 2: return WORDS[chance.nextInt(WORDS.length)];
            case 3: return WORDS[chance.nextInt(WORDS.length)] + "; " + WORDS[chance.nextInt(WORDS.length)];
            default: return name();
        }
    }

    private String name() {
        String middle = MIDDLES[chance.nextInt(MIDDLES.length)];
        return FAMILIES[chance.nextInt(FAMILIES.length)] + (middle.isEmpty() ? " " : " " + middle + " ")
            + GIVEN[chance.nextInt(GIVEN.length)];
    }

    private String phone() {
        return "0" + "35789".charAt(chance.nextInt(5)) + digits(8);
    }

    private String ofLength(int length, boolean numeric) {
        int bounded = Math.max(1, Math.min(500, length));
        if (numeric) {
            return digits(bounded);
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < bounded) {
            text.append(name()).append(' ');
        }
        return text.substring(0, bounded).replaceAll(" $", "a");
    }

    private <T> T pick(List<T> list) {
        return list.get(chance.nextInt(list.size()));
    }

    private static double rounded(double value, double scale) {
        return Math.rint(value * scale) / scale;
    }
}
