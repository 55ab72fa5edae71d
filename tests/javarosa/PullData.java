import java.io.BufferedInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.input.BOMInputStream;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** pulldata('villages', 'label', 'code', ${village}): Collect adds this function to the engine, so do we. */
final class PullData implements IFunctionHandler {
    private final File media;
    private final Map<String, Map<String, CSVRecord>> tables = new HashMap<>();

    PullData(File media) {
        this.media = media;
    }

    @Override
    public String getName() {
        return "pulldata";
    }

    @Override
    public List<Class[]> getPrototypes() {
        return Collections.emptyList();
    }

    @Override
    public boolean rawArgs() {
        return true;
    }

    @Override
    public boolean realTime() {
        return false;
    }

    @Override
    public Object eval(Object[] arguments, EvaluationContext context) {
        String table = text(arguments[0]);
        String wanted = text(arguments[1]);
        CSVRecord row = tables.computeIfAbsent(table + "\n" + text(arguments[2]),
            key -> rowsBy(table, text(arguments[2]))).get(text(arguments[3]));
        return row == null || !row.isMapped(wanted) ? "" : row.get(wanted);
    }

    private Map<String, CSVRecord> rowsBy(String table, String column) {
        File file = new File(media, table.endsWith(".csv") ? table : table + ".csv");
        Map<String, CSVRecord> rows = new HashMap<>();
        try (Reader reader = new InputStreamReader(
                 new BOMInputStream(new BufferedInputStream(new FileInputStream(file))), StandardCharsets.UTF_8);
             CSVParser records = new CSVParser(reader, CSVFormat.DEFAULT.withHeader())) {
            for (CSVRecord record : records) {
                rows.putIfAbsent(record.get(column), record);
            }
        } catch (IOException error) {
            throw new IllegalStateException("pulldata: " + file.getName() + " cannot be read", error);
        }
        return rows;
    }

    private static String text(Object argument) {
        return XPathFuncExpr.toString(XPathFuncExpr.unpack(argument));
    }
}
