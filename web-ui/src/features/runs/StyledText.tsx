import { memo } from "react";
import { cn } from "@/lib/cn";
import { parseAnsi, type Colour, type Style } from "./ansi";

/** Shades of the theme, so that a coloured line can be read in light and dark. Black and white are the text's own. */
const TEXT: Record<Colour, string> = {
  black: "text-ink-3",
  red: "text-danger-text",
  green: "text-ok-text",
  yellow: "text-wait-text",
  blue: "text-run-text",
  magenta: "text-[var(--code-atom)]",
  cyan: "text-[var(--code-cyan)]",
  white: "text-ink",
};
const BACK: Record<Colour, string> = {
  black: "bg-surface-3",
  red: "bg-danger-soft",
  green: "bg-ok-soft",
  yellow: "bg-wait-soft",
  blue: "bg-run-soft",
  magenta: "bg-accent-soft",
  cyan: "bg-run-soft",
  white: "bg-surface-3",
};

function classesOf({ fg, bg, bold, dim, italic, underline, strike, inverse }: Style): string {
  return cn(
    inverse ? "bg-ink text-surface" : [fg && TEXT[fg], bg && BACK[bg], !fg && dim && "text-ink-3"],
    bold && "font-semibold",
    italic && "italic",
    underline && "underline",
    strike && "line-through",
  );
}

/** A line with the styles that its escape sequences ask for. */
export const StyledText = memo(function StyledText({ text }: { text: string }) {
  if (!text.includes("\u001b")) return text;
  return parseAnsi(text).map((span, index) => {
    const classes = classesOf(span.style);
    return classes ? (
      <span key={index} className={classes}>
        {span.text}
      </span>
    ) : (
      span.text
    );
  });
});
