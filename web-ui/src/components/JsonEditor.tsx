import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null], color: "var(--code-atom)" },
  { tag: tags.punctuation, color: "var(--ink-3)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12.5px", color: "var(--ink)", backgroundColor: "transparent", minHeight: "11rem", maxHeight: "26rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.6", minHeight: "11rem", overflow: "auto", padding: "10px 0" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--ink-3)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklch, var(--surface-3) 45%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklch, var(--accent) 26%, transparent)",
  },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "8px", color: "var(--ink)", fontFamily: "system-ui, sans-serif", overflow: "hidden" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--fail-solid)" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px dotted var(--fail-solid)" },
  ".cm-lint-marker": { width: "8px", height: "8px", marginTop: "6px" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--fail-solid)", borderRadius: "50%" },
  ".cm-foldGutter span": { color: "var(--ink-3)" },
});

interface JsonEditorProps {
  value: string;
  onChange: (text: string) => void;
  label: string;
  placeholder?: string;
  invalid?: boolean;
  describedBy?: string;
}

/**
 * CodeMirror inside a shadow root: there its styles are constructed style sheets, which the
 * Content-Security-Policy allows; in the page itself it would insert <style> elements, which it blocks.
 */
export default function JsonEditor({ value, onChange, label, placeholder = "", invalid = false, describedBy }: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  const first = useRef({ value, label, placeholder });

  useEffect(() => {
    changed.current = onChange;
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open", delegatesFocus: true });
    const editor = new EditorView({
      parent: shadow,
      root: shadow,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          json(),
          linter((current) => (current.state.doc.toString().trim() ? jsonParseLinter()(current) : []), { delay: 300 }),
          lintGutter(),
          syntaxHighlighting(colours),
          placeholderText(first.current.placeholder),
          EditorView.lineWrapping,
          // Tab leaves the editor: nobody is caught in it.
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ "aria-label": first.current.label, spellcheck: "false", autocapitalize: "off" }),
          // Typing over a selection is done here: Chromium's own replacement puts the old text's style into a
          // style attribute, which the Content-Security-Policy blocks and reports.
          EditorView.domEventHandlers({
            beforeinput: (event, current) => {
              if (event.inputType !== "insertText" || event.data === null || event.isComposing || current.state.selection.main.empty) return false;
              event.preventDefault();
              current.dispatch(current.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
              return true;
            },
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
          look,
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const content = view.current?.contentDOM;
    if (!content) return;
    if (invalid) content.setAttribute("aria-invalid", "true");
    else content.removeAttribute("aria-invalid");
  }, [invalid]);

  return (
    <div
      ref={host}
      data-json-editor
      data-described-by={describedBy}
      className="min-h-44 overflow-hidden rounded-b-lg bg-surface focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-ring"
    />
  );
}
