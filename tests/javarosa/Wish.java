import java.util.ArrayList;
import java.util.List;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.xform.util.XFormAnswerDataParser;

/** An answer given as text, turned into what the question's widget would hand over. */
final class Wish {
    private final FormEntryPrompt prompt;
    private final int type;

    Wish(FormEntryPrompt prompt, int type) {
        this.prompt = prompt;
        this.type = type;
    }

    /** The answer, or null when the question does not offer it. */
    IAnswerData data(String text) {
        switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE:
                Selection one = choice(text);
                return one == null ? null : new SelectOneData(one);
            case Constants.CONTROL_SELECT_MULTI:
                List<Selection> several = choices(text);
                return several == null ? null : new SelectMultiData(several);
            case Constants.CONTROL_RANK:
                List<Selection> ranked = choices(text);
                return ranked == null ? null : new MultipleItemsData(ranked);
            default:
                return type == Constants.DATATYPE_BINARY || prompt.getControlType() == Constants.CONTROL_TRIGGER
                    ? new StringData(text) : XFormAnswerDataParser.getAnswerData(text, type, prompt.getQuestion());
        }
    }

    private List<Selection> choices(String text) {
        List<Selection> chosen = new ArrayList<>();
        for (String value : text.trim().split(" +")) {
            Selection selection = choice(value);
            if (selection == null) {
                return null;
            }
            chosen.add(selection);
        }
        return chosen;
    }

    private Selection choice(String value) {
        for (SelectChoice choice : prompt.getSelectChoices()) {
            if (choice.getValue().equals(value)) {
                return choice.selection();
            }
        }
        return null;
    }
}
