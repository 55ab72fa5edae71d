/** What is mended in enketo-core so that a record comes out as from the engine of ODK Collect. */

export const PHONE_MENDS = [
  {
    why: "The path of an attribute: current() is used by the versions of entities in repeats.",
    file: "enketo-core/src/js/dom-utils.js",
    from: "    if (!node || node.nodeType !== 1) {\n        return null;",
    to: `    if (node?.nodeType === 2) {
        return \`\${getXPath(node.ownerElement, rootNodeName, includePosition)}/@\${node.nodeName}\`;
    }
    if (!node || node.nodeType !== 1) {
        return null;`,
  },
  {
    why: "A calculated attribute in a repeat has no CSS selector: entities in repeats stopped every calculation.",
    file: "enketo-core/src/js/calculate.js",
    from: `                        .getElement()
                        .querySelectorAll(dataNodeName);
                    const dataNode = Array.from(childNodeList).filter((node) =>
                        dataNodes.includes(node)
                    )[0];`,
    to: `                        .getElement();
                    const dataNode = dataNodes.find((node) => childNodeList.contains(node.ownerElement ?? node));`,
  },
  {
    why: "A calculation that comes to a truth is 1 or 0.",
    file: "enketo-core/src/js/calculate.js",
    from: `                : '';

        // Filter the result set to only include the target node
        this._updateValue(control, props, result);`,
    to: `                : '';
        const truth = result === 'true' || result === 'false'
            ? this.form.model.evaluate(newExpr, 'number', props.name, props.index)
            : NaN;
        this._updateValue(control, props, Number.isNaN(truth) ? result : String(truth));`,
  },
  {
    why: "Spaces at the end of an answer, or of a name put together from some that are blank, stay.",
    file: "enketo-core/src/js/form.js",
    from: "    modelClone.init();",
    to: "    modelClone.trimValues = () => {};\n    modelClone.init();",
  },
  {
    why: "Checking a form must not throw away what is hidden: the person may go back.",
    file: "enketo-core/src/js/form.js",
    from: "    // to not delay validation unnecessarily we only clear non-relevants if necessary\n    this.clearNonRelevant();",
    to: "",
  },
  {
    why: "What is hidden twice stays hidden, and comes back as it was last: relevance.js.",
    file: "enketo-core/src/js/relevant.js",
    from: "import events from './event';",
    to: "import events from './event';\nimport { isShown, keepFor, refresh, turn } from 'engine/relevance';\nimport { judge } from 'engine/unseen';",
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/relevant.js",
    from: "    const state = relevanceState.get(node);\n\n    return !state?.isParentNonRelevant && !state?.isSelfNonRelevant;",
    to: "    return isShown(node);",
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/relevant.js",
    from: "    relevanceState.set(element, {\n        ...relevanceState.get(element),\n        nonRelevantValue,\n    });",
    to: "    keepFor(element, nonRelevantValue);",
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/relevant.js",
    from: "            const referencedModelNodes = new Set(nodeSet.getElements());\n",
    to: `            const nodes = turn(nodeSet.getElements(), !setRelevant);
            if (setRelevant) {
                refresh(this.form, nodeSet.getElements());
            }
            if (nodes.length) {
                this.form.model.events.dispatchEvent(events.DataUpdate({ nodes, ...repeatInfo }));
            }
            return;

            const referencedModelNodes = new Set(nodeSet.getElements());
`,
  },
  {
    why: "The list all rows of a repeat share is filled while there is no row: forms with such a list did not open.",
    file: "enketo-core/src/js/itemset.js",
    from: "                        `input[name=\"${list.dataset.name}\"]`\n                    );",
    to: `                        \`input[name="\${list.dataset.name}"]\`
                    ) ?? Object.values(that.form.repeats.templates)
                        .map((row) => row.querySelector(\`input[name="\${list.dataset.name}"]\`))
                        .find(Boolean);`,
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/itemset.js",
    from: "                itemsXpath,\n                'nodes',\n                context,",
    to: "                itemsXpath,\n                'nodes',\n                isShared ? null : context,",
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/itemset.js",
    from: "let currentValue = that.form.model.node(context, index).getVal();",
    to: "let currentValue = that.form.model.node(context, index).getVal() ?? '';",
  },
  {
    why: "jr:choice-name of a list that all rows share, or that is not shown: choice_names.js.",
    file: "enketo-core/src/js/form.js",
    from: "            if (!value || !inputs.length) {\n                label = '';\n            }",
    to: `            const known = value && inputs.length ? nameOfChoice(this, inputs[0], value) : '';
            if (known || !value || !inputs.length) {
                label = known;
            }`,
  },
  {
    why: "See above, and below.",
    file: "enketo-core/src/js/form.js",
    from: "import events from './event';",
    to: "import events from './event';\nimport { choiceName as nameOfChoice } from 'engine/choice_names';\nimport { drop } from 'engine/unseen';",
  },
  {
    why: "Calculations in repeats are asked or not row by row: unseen.js.",
    file: "enketo-core/src/js/form.js",
    from: "            const node = this;\n            const relevant = that.input.getRelevant(node);",
    to: `            const node = this;
            if (drop(that, node, modelClone)) {
                return;
            }
            const relevant = that.input.getRelevant(node);`,
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/relevant.js",
    from: "        this.updateNodes(nodes, forceClearNonRelevant, updated ?? {});",
    to: "        this.updateNodes(judge(this.form, nodes), forceClearNonRelevant, updated ?? {});",
  },
  {
    why: "Rows that are filled stay when their number is lowered, unless somebody says so: surplus.js.",
    file: "enketo-core/src/js/repeat.js",
    from: "        } else if (toCreate < 0) {",
    to: "        } else if (toCreate < 0 && (toCreate = -surplus(this, repeatInfo, numRepsInCount, -toCreate)) < 0) {",
  },
  {
    why: "See above.",
    file: "enketo-core/src/js/repeat.js",
    from: "import events from './event';",
    to: "import events from './event';\nimport { surplus } from 'engine/surplus';",
  },
  {
    why: "Nothing equals blank, as in Collect: a row of a list that is not found, a column it does not have.",
    file: "openrosa-xpath-evaluator/src/utils/operation.js",
    from: "    let i;\n    let j;\n    if (bothOf(lhs, rhs, 'arr')) {\n        for (i = lhs.v.length - 1; i >= 0; --i) {\n            for (j = rhs.v.length - 1; j >= 0; --j) {\n                if (compareFn(lhs.v[i].textContent",
    to: "    let i;\n    let j;\n    if (lhs.t === 'arr' && !lhs.v.length) lhs = { t: 'str', v: '' };\n    if (rhs.t === 'arr' && !rhs.v.length) rhs = { t: 'str', v: '' };\n    if (bothOf(lhs, rhs, 'arr')) {\n        for (i = lhs.v.length - 1; i >= 0; --i) {\n            for (j = rhs.v.length - 1; j >= 0; --j) {\n                if (compareFn(lhs.v[i].textContent",
  },
];
