import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.IDataReference;
import org.javarosa.core.model.SubmissionProfile;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.transport.payload.ByteArrayPayload;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XPathReference;
import org.javarosa.xform.util.XFormAnswerDataSerializer;

/** A finished record: the bytes Collect would send, and what they say, told a second way. */
final class Harvest {
    private static final Map<Integer, String> TYPES = Map.ofEntries(
        Map.entry(Constants.DATATYPE_TEXT, "string"), Map.entry(Constants.DATATYPE_INTEGER, "int"),
        Map.entry(Constants.DATATYPE_LONG, "int"), Map.entry(Constants.DATATYPE_DECIMAL, "decimal"),
        Map.entry(Constants.DATATYPE_DATE, "date"), Map.entry(Constants.DATATYPE_TIME, "time"),
        Map.entry(Constants.DATATYPE_DATE_TIME, "dateTime"), Map.entry(Constants.DATATYPE_CHOICE, "select1"),
        Map.entry(Constants.DATATYPE_MULTIPLE_ITEMS, "select"), Map.entry(Constants.DATATYPE_BOOLEAN, "boolean"),
        Map.entry(Constants.DATATYPE_GEOPOINT, "geopoint"), Map.entry(Constants.DATATYPE_GEOTRACE, "geotrace"),
        Map.entry(Constants.DATATYPE_GEOSHAPE, "geoshape"), Map.entry(Constants.DATATYPE_BARCODE, "barcode"),
        Map.entry(Constants.DATATYPE_BINARY, "binary"));

    private final FormDef form;
    private final XFormAnswerDataSerializer serializer = new XFormAnswerDataSerializer();
    private final ObjectNode told = Filler.JSON.createObjectNode();
    private final ArrayNode answers = told.putArray("answers");
    private final ArrayNode files = told.putArray("files");

    Harvest(FormEntryModel model) {
        form = model.getForm();
    }

    ObjectNode told(List<String> unanswered) throws IOException {
        told.put("xml", Base64.getEncoder().encodeToString(submission()));
        TreeElement root = form.getMainInstance().getRoot();
        told.put("instance_id", meta(root, "instanceID")).put("instance_name", meta(root, "instanceName"));
        gather(root, "/" + root.getName());
        ArrayNode blank = told.putArray("unanswered");
        unanswered.forEach(blank::add);
        return told;
    }

    private byte[] submission() throws IOException {
        SubmissionProfile profile = form.getSubmissionProfile();
        IDataReference part = profile == null || profile.getRef() == null ? new XPathReference("/") : profile.getRef();
        return ((ByteArrayPayload) new XFormSerializingVisitor()
            .createSerializedPayload(form.getMainInstance(), part)).getPayloadBytes();
    }

    private void gather(TreeElement element, String path) {
        if (!element.isRelevant() || element.getMult() == TreeReference.INDEX_TEMPLATE) {
            return;
        }
        if (element.getNumChildren() == 0) {
            if (!element.isRepeatable()) {
                note(element, path);
            }
            return;
        }
        for (int i = 0; i < element.getNumChildren(); i++) {
            TreeElement child = element.getChildAt(i);
            String position = child.isRepeatable() ? "[" + (child.getMult() + 1) + "]" : "";
            gather(child, path + "/" + child.getName() + position);
        }
    }

    private void note(TreeElement element, String path) {
        IAnswerData data = element.getValue();
        String value = data == null ? null : String.valueOf(serializer.serializeAnswerData(data, element.getDataType()));
        ObjectNode answer = answers.addObject();
        answer.put("ref", path).put("type", TYPES.getOrDefault(element.getDataType(), "")).put("value", value);
        answer.put("display", data == null ? null : data.getDisplayText());
        boolean file = element.getDataType() == Constants.DATATYPE_BINARY;
        if (file && value != null && !value.isEmpty() && !value.startsWith("jr://")) {
            files.add(value);
        }
    }

    private static String meta(TreeElement root, String name) {
        TreeElement meta = root.getFirstChild("meta");
        TreeElement node = meta == null ? null : meta.getFirstChild(name);
        return node == null || node.getValue() == null ? null : node.getValue().getDisplayText();
    }
}
