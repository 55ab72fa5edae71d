import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.model.utils.DateUtils;
import org.javarosa.core.reference.PrefixedRootFactory;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** A form on the phone: parsed once with its media, then filled any number of times. */
final class LoadedForm {
    private static final String[] HOSTS = {"images", "image", "audio", "video", "file-csv", "file"};

    private final File media;
    private final FormDef definition;
    private final FormInstance blank;
    private FormEntryModel model;

    /** Once a process, as Collect does when it starts. */
    static void prepareEngine() {
        PrototypeManager.registerPrototypes(JavaRosaCoreModule.classNames);
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        XFormParser.registerActionHandler(Device.FixHandler.ELEMENT_NAME, new Device.FixHandler());
        Device.become(Collections.emptyMap());
    }

    LoadedForm(File xform, File media) throws Exception {
        this.media = media;
        resolveMedia();
        definition = XFormUtils.getFormFromFormXml(xform.getPath(), null);
        new FormEntryController(new FormEntryModel(definition)).addFunctionHandler(new PullData(media));
        blank = definition.getMainInstance().clone();
    }

    FormEntryModel model() {
        return model;
    }

    /** A new record: preloads and first-load actions run, nothing is answered. */
    void begin() {
        resolveMedia();
        definition.setInstance(blank.clone());
        model = new FormEntryModel(definition);
        definition.initialize(true, new InstanceInitializationFactory());
        TreeElement meta = definition.getMainInstance().getRoot().getFirstChild("meta");
        TreeElement audit = meta == null ? null : meta.getFirstChild("audit");
        if (audit != null) {
            audit.setValue(new StringData("audit.csv"));
        }
    }

    ObjectNode described() {
        TreeElement root = blank.getRoot();
        ObjectNode told = Filler.JSON.createObjectNode();
        told.put("title", definition.getTitle());
        told.put("root", root.getName());
        told.put("id", root.getAttributeValue(null, "id"));
        told.put("version", root.getAttributeValue(null, "version"));
        ArrayNode warnings = told.putArray("warnings");
        definition.getParseWarnings().forEach(warnings::add);
        return told;
    }

    /** The value of an expression over the record filled last, seen from the node `at` ("" = the root). */
    ObjectNode evaluate(String expression, String at) throws Exception {
        EvaluationContext context = definition.getEvaluationContext();
        if (!at.isEmpty()) {
            context = new EvaluationContext(context, reference(at));
        }
        Object value = XPathParseTool.parseXPath(expression).eval(definition.getMainInstance(), context);
        ObjectNode told = Filler.JSON.createObjectNode();
        if (value instanceof XPathNodeset) {
            XPathNodeset nodes = (XPathNodeset) value;
            ArrayNode values = told.put("type", "nodes").putArray("value");
            for (int i = 0; i < nodes.size(); i++) {
                values.add(XPathFuncExpr.toString(nodes.getValAt(i)));
            }
            return told;
        }
        if (value instanceof Double) {
            return told.put("type", "number").put("value", String.valueOf(value));
        }
        if (value instanceof Date) {
            return told.put("type", "date").put("value", DateUtils.formatDateTime((Date) value, DateUtils.FORMAT_ISO8601));
        }
        return told.put("type", value instanceof Boolean ? "boolean" : "text").put("value", String.valueOf(value));
    }

    private static TreeReference reference(String path) {
        TreeReference reference = TreeReference.rootRef();
        for (String step : path.substring(1).split("/")) {
            int bracket = step.indexOf('[');
            int position = bracket < 0 ? 1 : Integer.parseInt(step.substring(bracket + 1, step.length() - 1));
            reference.add(bracket < 0 ? step : step.substring(0, bracket), position - 1);
        }
        return reference;
    }

    private void resolveMedia() {
        ReferenceManager references = ReferenceManager.instance();
        references.reset();
        references.addReferenceFactory(new PrefixedRootFactory(HOSTS) {
            @Override
            protected Reference factory(String terminal, String uri) {
                return new MediaFile(new File(media, terminal), uri);
            }
        });
    }

    /** A file of the form's media folder. */
    private static final class MediaFile implements Reference {
        private final File file;
        private final String uri;

        MediaFile(File file, String uri) {
            this.file = file;
            this.uri = uri;
        }

        @Override
        public boolean doesBinaryExist() {
            return file.exists();
        }

        @Override
        public InputStream getStream() throws IOException {
            return new FileInputStream(file);
        }

        @Override
        public String getURI() {
            return uri;
        }

        @Override
        public String getLocalURI() {
            return file.getAbsolutePath();
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public java.io.OutputStream getOutputStream() throws IOException {
            throw new IOException("Media are not written.");
        }

        @Override
        public void remove() throws IOException {
            throw new IOException("Media are not removed.");
        }

        @Override
        public Reference[] probeAlternativeReferences() {
            return new Reference[0];
        }
    }
}
