import com.fasterxml.jackson.databind.node.ObjectNode;
import org.javarosa.core.model.condition.IConditionExpr;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.xpath.XPathConditional;

/** A question that must be answered and cannot be. */
final class DeadEnd extends Exception {
    private final transient ObjectNode told = Filler.JSON.createObjectNode();

    DeadEnd(String reason, String ref, TreeElement node, int tried) {
        super(reason + " at " + ref);
        told.put("reason", reason).put("ref", ref).put("tried", tried);
        if (node != null && node.getConstraint() != null) {
            IConditionExpr constraint = node.getConstraint().constraint;
            told.put("constraint", constraint instanceof XPathConditional
                ? ((XPathConditional) constraint).xpath : String.valueOf(constraint));
        }
    }

    ObjectNode told() {
        return told;
    }
}
