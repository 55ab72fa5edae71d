import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.actions.setgeopoint.SetGeopointAction;
import org.javarosa.core.model.actions.setgeopoint.SetGeopointActionHandler;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;

/** What the phone knows about itself: its id, its user, and where it is. */
final class Device implements IPropertyManager {
    private final Map<String, String> properties;

    private Device(Map<String, String> properties) {
        this.properties = properties;
    }

    /** From now on forms see these values of deviceid, username, phonenumber, email. */
    static void become(Map<String, String> properties) {
        PropertyManager.setPropertyManager(new Device(properties));
    }

    @Override
    public String getSingularProperty(String name) {
        String plain = name.toLowerCase();
        return properties.getOrDefault(plain.startsWith("uri:") ? plain.substring(4) : plain, "");
    }

    @Override
    public List<String> getProperty(String name) {
        return Collections.emptyList();
    }

    @Override
    public void setProperty(String name, String value) { }

    @Override
    public void setProperty(String name, List<String> value) { }

    @Override
    public void addRules(IPropertyRules rules) { }

    @Override
    public List<IPropertyRules> getRules() {
        return Collections.emptyList();
    }

    /** `start-geopoint`: a phone that always has a fix. */
    static final class Fix extends SetGeopointAction {
        Fix(TreeReference target) {
            super(target);
        }

        @Override
        public void requestLocationUpdates() {
            saveLocationValue("22.3364 103.8438 1502.7 4.2");
        }
    }

    /** Registers `Fix` for `odk:setgeopoint`. */
    static final class FixHandler extends SetGeopointActionHandler {
        @Override
        public SetGeopointAction getSetGeopointAction() {
            return new Fix(null);
        }
    }
}
