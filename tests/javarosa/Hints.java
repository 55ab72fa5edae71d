import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IConditionExpr;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.xpath.XPathConditional;
import org.javarosa.xpath.expr.XPathBinaryOpExpr;
import org.javarosa.xpath.expr.XPathExpression;
import org.javarosa.xpath.expr.XPathFuncExpr;
import org.javarosa.xpath.expr.XPathUnaryOpExpr;

/**
 * What a constraint speaks of: the value, right now, of each of its parts that does not need the answer.
 *
 * `. >= 15 and . <= ${age} + 3` hints at 15, 3, the age, and the age plus three.
 */
final class Hints {
    private final List<Double> numbers = new ArrayList<>();
    private final List<Long> days = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<String> patterns = new ArrayList<>();
    private final FormDef form;
    private final EvaluationContext context;

    Hints(FormDef form, TreeElement node) {
        this.form = form;
        if (node.getConstraint() == null) {
            context = null;
            return;
        }
        context = new EvaluationContext(form.getEvaluationContext(), node.getRef());
        IConditionExpr constraint = node.getConstraint().constraint;
        if (constraint instanceof XPathConditional) {
            read(((XPathConditional) constraint).getExpr());
        }
    }

    List<Double> numbers() {
        return numbers;
    }

    /** Dates as days since 1970; plain numbers that may be dates are among them. */
    List<Long> days() {
        return days;
    }

    List<String> texts() {
        return texts;
    }

    List<String> patterns() {
        return patterns;
    }

    boolean none() {
        return numbers.isEmpty() && days.isEmpty() && texts.isEmpty() && patterns.isEmpty();
    }

    private void read(XPathExpression part) {
        if (part instanceof XPathBinaryOpExpr) {
            read(((XPathBinaryOpExpr) part).a);
            read(((XPathBinaryOpExpr) part).b);
        } else if (part instanceof XPathUnaryOpExpr) {
            read(((XPathUnaryOpExpr) part).a);
        } else if (part instanceof XPathFuncExpr) {
            XPathFuncExpr call = (XPathFuncExpr) part;
            if (call.id.toString().equals("regex") && call.args.length == 2) {
                patterns.add(XPathFuncExpr.toString(value(call.args[1])));
                return;
            }
            for (XPathExpression argument : call.args) {
                read(argument);
            }
        }
        keep(value(part));
    }

    private Object value(XPathExpression part) {
        try {
            return XPathFuncExpr.unpack(part.eval(form.getMainInstance(), context));
        } catch (RuntimeException needsTheAnswer) {
            return "";
        }
    }

    private void keep(Object value) {
        if (value instanceof Double && !((Double) value).isNaN() && !((Double) value).isInfinite()) {
            double number = (Double) value;
            numbers.add(number);
            if (Math.abs(number) > 1000 && Math.abs(number) < 60000) {
                days.add((long) Math.floor(number));
            }
        } else if (value instanceof Date) {
            days.add(((Date) value).toInstant().atZone(ZoneId.systemDefault()).toLocalDate().toEpochDay());
        } else if (value instanceof String && !((String) value).isEmpty()) {
            texts.add((String) value);
            Double number = XPathFuncExpr.toNumeric(value);
            if (!number.isNaN()) {
                numbers.add(number);
            }
        }
    }
}
