import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.RangeQuestion;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.DecimalData;
import org.javarosa.core.model.data.GeoPointData;
import org.javarosa.core.model.data.GeoShapeData;
import org.javarosa.core.model.data.GeoTraceData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.IntegerData;
import org.javarosa.core.model.data.LongData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.TimeData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.form.api.FormEntryPrompt;

/** One answer after another to one question, likely ones first. */
final class Guesses {
    private final FormEntryPrompt prompt;
    private final int type;
    private final Random chance;
    private final Invention invention;
    private final List<SelectChoice> choices;

    Guesses(FormEntryPrompt prompt, TreeElement node, Hints hints, Random chance) {
        this.prompt = prompt;
        this.type = node.getDataType();
        this.chance = chance;
        this.invention = new Invention(hints, chance);
        this.choices = chooses() ? prompt.getSelectChoices() : null;
    }

    /** False when there is nothing to choose from. */
    boolean possible() {
        return !chooses() || choices != null && !choices.isEmpty();
    }

    IAnswerData next(int turn) {
        switch (prompt.getControlType()) {
            case Constants.CONTROL_SELECT_ONE:
                return new SelectOneData(choices.get(chance.nextInt(choices.size())).selection());
            case Constants.CONTROL_SELECT_MULTI:
                return new SelectMultiData(some(turn));
            case Constants.CONTROL_RANK:
                return new MultipleItemsData(shuffled());
            case Constants.CONTROL_TRIGGER:
                return new StringData("OK");
            case Constants.CONTROL_RANGE:
                return onScale((RangeQuestion) prompt.getQuestion());
            default:
                return typed(turn);
        }
    }

    private boolean chooses() {
        int control = prompt.getControlType();
        return control == Constants.CONTROL_SELECT_ONE || control == Constants.CONTROL_SELECT_MULTI
            || control == Constants.CONTROL_RANK;
    }

    private IAnswerData typed(int turn) {
        switch (type) {
            case Constants.DATATYPE_INTEGER: return new IntegerData((int) invention.whole(turn));
            case Constants.DATATYPE_LONG: return new LongData(invention.whole(turn));
            case Constants.DATATYPE_DECIMAL: return new DecimalData(invention.decimal(turn));
            case Constants.DATATYPE_DATE: return new DateData(invention.moment(turn));
            case Constants.DATATYPE_TIME: return new TimeData(invention.moment(turn));
            case Constants.DATATYPE_DATE_TIME: return new DateTimeData(invention.moment(turn));
            case Constants.DATATYPE_GEOPOINT: return new GeoPointData(invention.place());
            case Constants.DATATYPE_GEOTRACE:
                return new GeoTraceData(new GeoTraceData.GeoTrace(invention.walk(2 + chance.nextInt(4), false)));
            case Constants.DATATYPE_GEOSHAPE:
                return new GeoShapeData(new GeoShapeData.GeoShape(invention.walk(3 + chance.nextInt(4), true)));
            case Constants.DATATYPE_BINARY: return new StringData(fileName());
            case Constants.DATATYPE_BARCODE: return new StringData(invention.digits(12));
            default: return new StringData(invention.text(turn, numberPad()));
        }
    }

    /** Appearance `numbers`: a text answer, a number keyboard. */
    private boolean numberPad() {
        String appearance = prompt.getAppearanceHint();
        return appearance != null && appearance.contains("numbers");
    }

    /** As Collect names what its camera and recorder make: the moment in milliseconds. */
    private String fileName() {
        long moment = 1_700_000_000_000L + (long) (chance.nextDouble() * 100_000_000_000L);
        switch (prompt.getControlType()) {
            case Constants.CONTROL_IMAGE_CHOOSE: return moment + ".jpg";
            case Constants.CONTROL_AUDIO_CAPTURE: return moment + ".m4a";
            case Constants.CONTROL_VIDEO_CAPTURE: return moment + ".mp4";
            default: return moment + ".pdf";
        }
    }

    private List<Selection> some(int turn) {
        ArrayList<Selection> picked = new ArrayList<>();
        double share = turn % 4 == 3 ? 1 : chance.nextDouble();
        int always = chance.nextInt(choices.size());
        for (int i = 0; i < choices.size(); i++) {
            if (i == always || turn % 4 != 2 && chance.nextDouble() < share) {
                picked.add(choices.get(i).selection());
            }
        }
        return picked;
    }

    private List<Selection> shuffled() {
        ArrayList<Selection> order = new ArrayList<>();
        choices.forEach(choice -> order.add(choice.selection()));
        Collections.shuffle(order, chance);
        return order;
    }

    private IAnswerData onScale(RangeQuestion scale) {
        double start = scale.getRangeStart().doubleValue();
        double step = Math.abs(scale.getRangeStep().doubleValue());
        double end = scale.getRangeEnd().doubleValue();
        long steps = Math.round(Math.floor(Math.abs(end - start) / step + 1e-9));
        long pick = (long) (chance.nextDouble() * (steps + 1));
        BigDecimal value = scale.getRangeStart().add(
            scale.getRangeStep().abs().multiply(BigDecimal.valueOf(end < start ? -pick : pick)));
        return type == Constants.DATATYPE_INTEGER
            ? new IntegerData(value.intValue()) : new DecimalData(value.doubleValue());
    }
}
