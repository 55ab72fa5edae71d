import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryCaption;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.xform.util.XFormAnswerDataSerializer;

/** From the first page to the last, swipe by swipe. */
final class Walk {
    /** After this many guesses a person would put the phone down. */
    private static final int PATIENCE = 600;
    /** An answer may make an earlier one wrong; finishing asks again, but not for ever. */
    private static final int CORRECTIONS = 40;

    private final FormEntryModel model;
    private final FormDef form;
    private final FormEntryController controller;
    private final Plan plan;
    private final Map<String, Integer> wanted = new HashMap<>();
    private final List<String> unanswered = new ArrayList<>();
    private final Set<String> screens = new LinkedHashSet<>();
    private final List<ObjectNode> trail = new ArrayList<>();
    private final Map<String, Boolean> asked = new LinkedHashMap<>();
    private final XFormAnswerDataSerializer serializer = new XFormAnswerDataSerializer();

    Walk(FormEntryModel model, Plan plan) {
        this.model = model;
        this.form = model.getForm();
        this.controller = new FormEntryController(model);
        this.plan = plan;
    }

    /** Optional questions for which no guess was good enough. */
    List<String> unanswered() {
        return unanswered;
    }

    /** What was shown on the way, one reference a screen. */
    Set<String> screens() {
        return screens;
    }

    /** What was done, in order: `answer`, `keep` (what stood there), `add` and `remove` of a repeat's instance. */
    List<ObjectNode> trail() {
        return trail;
    }

    /** Answers everything, then finalises: a last look at every answer, end time, calculations. */
    void toTheEnd() throws DeadEnd {
        through(new HashSet<>());
        for (int turn = 0; turn < plan.changes; turn++) {
            through(regretted());
        }
        correct();
        controller.finalizeFormEntry();
    }

    /** From the first page to the last: asks what was not asked yet, and again what is to be `changed`. */
    private void through(Set<String> changed) throws DeadEnd {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event = controller.stepToNextEvent();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            event = visit(event, changed);
        }
    }

    /** Two answers to give anew; those the plan wishes for stay, those that steer the form come first. */
    private Set<String> regretted() {
        List<String> open = new ArrayList<>();
        asked.forEach((path, steers) -> {
            for (int weight = steers ? 4 : 1; weight > 0; weight--) {
                open.add(path);
            }
        });
        Set<String> chosen = new HashSet<>();
        for (int i = 0; i < 2 && !open.isEmpty(); i++) {
            chosen.add(open.get(plan.chance.nextInt(open.size())));
        }
        return chosen;
    }

    private int visit(int event, Set<String> changed) throws DeadEnd {
        FormIndex here = model.getFormIndex();
        if (event == FormEntryController.EVENT_QUESTION) {
            screens.add(screen(here));
            ask(here, changed);
        } else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
            if (here.getElementMultiplicity() < wanted(here)) {
                controller.newRepeat();
                note("add", here.getReference());
            }
        } else if (event == FormEntryController.EVENT_REPEAT && unwantedFirst(here)) {
            // pyxform writes the first instance into the blank form; who has none deletes it.
            note("remove", here.getReference());
            return controller.jumpToIndex(controller.deleteRepeat());
        }
        return controller.stepToNextEvent();
    }

    /** The outermost group that is one screen (`field-list`), or the question itself. */
    private String screen(FormIndex here) {
        for (FormEntryCaption around : model.getCaptionHierarchy(here)) {
            String look = around.getAppearanceHint();
            if (around.getFormElement() instanceof GroupDef && look != null && look.contains("field-list")) {
                return path(around.getIndex().getReference());
            }
        }
        return path(here.getReference());
    }

    private boolean unwantedFirst(FormIndex here) {
        GroupDef repeat = (GroupDef) form.getChild(here);
        return !repeat.noAddRemove && repeat.getCountReference() == null
            && here.getElementMultiplicity() == 0 && wanted(here) == 0;
    }

    private int wanted(FormIndex repeat) {
        TreeReference ref = repeat.getReference();
        String path = path(ref.getParentRef()) + "/" + ref.getNameLast();
        Integer known = wanted.get(path);
        if (known == null) {
            known = plan.wanted(path);
            wanted.put(path, known);
        }
        return known;
    }

    private void ask(FormIndex here, Set<String> changed) throws DeadEnd {
        String path = path(here.getReference());
        FormEntryPrompt prompt = model.getQuestionPrompt(here);
        if (prompt.isReadOnly()) {
            return;
        }
        // A list that is shown forgets an answer it no longer offers.
        prompt.getAnswerValue();
        if (!asked.containsKey(path)) {
            answer(here);
            int control = prompt.getControlType();
            if (!plan.wishes(path)) {
                asked.put(path, control == Constants.CONTROL_SELECT_ONE || control == Constants.CONTROL_SELECT_MULTI);
            }
        } else if (changed.contains(path)) {
            boolean cleared = !prompt.isRequired() && plan.chance.nextInt(4) == 0 && accepted(here, null);
            if (!cleared) {
                guess(here, prompt);
            }
        }
    }

    private void correct() throws DeadEnd {
        for (int turn = 0; turn < CORRECTIONS; turn++) {
            ValidateOutcome outcome = form.validate(true);
            if (outcome == null) {
                return;
            }
            answer(outcome.failedPrompt);
        }
        ValidateOutcome last = form.validate(true);
        if (last != null) {
            TreeReference ref = last.failedPrompt.getReference();
            throw new DeadEnd("not valid at the end", path(ref), node(ref), CORRECTIONS);
        }
    }

    private void answer(FormIndex index) throws DeadEnd {
        FormEntryPrompt prompt = model.getQuestionPrompt(index);
        if (prompt.isReadOnly()) {
            return;
        }
        TreeReference ref = index.getReference();
        JsonNode wish = plan.answer(path(ref));
        if (wish != null) {
            fulfil(index, prompt, wish);
            return;
        }
        if (!prompt.isRequired() && plan.chance.nextDouble() < plan.blanks) {
            note("keep", ref);
            return;
        }
        // What is already there (a default, last time's answer) mostly stays.
        IAnswerData present = prompt.getAnswerValue();
        if (present != null && plan.chance.nextInt(10) < 7
            && controller.answerQuestion(index, present, true) == FormEntryController.ANSWER_OK) {
            note("keep", ref);
            return;
        }
        guess(index, prompt);
    }

    private void fulfil(FormIndex index, FormEntryPrompt prompt, JsonNode wish) throws DeadEnd {
        TreeReference ref = index.getReference();
        Wish answer = new Wish(prompt, node(ref).getDataType());
        IAnswerData data = wish.isNull() ? null : answer.data(wish.asText());
        if (data == null && !wish.isNull()) {
            throw new DeadEnd("'" + wish.asText() + "' is not offered", path(ref), node(ref), 1);
        }
        int outcome = controller.answerQuestion(index, data, true);
        if (outcome != FormEntryController.ANSWER_OK) {
            String reason = outcome == FormEntryController.ANSWER_REQUIRED_BUT_EMPTY
                ? "an answer is required" : "'" + wish.asText() + "' is refused";
            throw new DeadEnd(reason, path(ref), node(ref), 1);
        }
        note("answer", ref);
    }

    private void guess(FormIndex index, FormEntryPrompt prompt) throws DeadEnd {
        TreeReference ref = index.getReference();
        TreeElement node = node(ref);
        Guesses guesses = new Guesses(prompt, node, new Hints(form, node), plan.chance);
        int tried = 0;
        for (; tried < PATIENCE && guesses.possible(); tried++) {
            IAnswerData data = guesses.next(tried);
            if (data != null && accepted(index, data)) {
                return;
            }
        }
        if (prompt.isRequired()) {
            throw new DeadEnd(guesses.possible() ? "no guess was accepted" : "nothing to choose from",
                path(ref), node, tried);
        }
        if (!accepted(index, null)) {
            throw new DeadEnd("cannot be left blank", path(ref), node, tried);
        }
        unanswered.add(path(ref));
    }

    private boolean accepted(FormIndex index, IAnswerData data) {
        boolean accepted = controller.answerQuestion(index, data, true) == FormEntryController.ANSWER_OK;
        if (accepted) {
            note("answer", index.getReference());
        }
        return accepted;
    }

    private void note(String did, TreeReference ref) {
        TreeElement node = node(ref);
        ObjectNode step = Filler.JSON.createObjectNode().put("did", did).put("ref", path(ref)).put("value", (String) null);
        if (node != null && node.getValue() != null) {
            step.put("value", String.valueOf(serializer.serializeAnswerData(node.getValue(), node.getDataType())));
        }
        trail.add(step);
    }

    private TreeElement node(TreeReference ref) {
        return form.getMainInstance().resolveReference(ref);
    }

    private String path(TreeReference ref) {
        return Plan.path(form.getMainInstance(), ref);
    }
}
