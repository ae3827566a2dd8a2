import { X } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { strings } from "@/lib/strings";
import { cn } from "@/lib/cn";

const t = strings.jobs;

interface TagInputProps {
  id: string;
  value: string[];
  onChange: (tags: string[]) => void;
  placeholder?: string;
  removeLabel?: (tag: string) => string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

export const addTags = (known: string[], text: string): string[] => [
  ...new Set([
    ...known,
    ...text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ]),
];

export function TagInput({ value, onChange, placeholder = t.addTag, removeLabel = t.removeTag, ...control }: TagInputProps) {
  const [text, setText] = useState("");
  const commit = () => {
    if (text.trim()) onChange(addTags(value, text));
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if ((event.key === "Enter" || event.key === ",") && text.trim()) {
      event.preventDefault();
      commit();
    } else if (event.key === "Backspace" && text === "" && value.length > 0) {
      onChange(value.slice(0, -1));
    }
  };
  return (
    <div
      className={cn(
        "flex min-h-9 flex-wrap items-center gap-1.5 rounded-lg border border-line-strong bg-surface px-2 py-1 shadow-1 focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-ring",
        control["aria-invalid"] && "border-danger",
      )}
    >
      {value.map((tag) => (
        <span key={tag} className="inline-flex h-6 items-center gap-0.5 rounded-md bg-surface-3 pl-2 pr-0.5 text-xs font-medium text-ink">
          {tag}
          <button type="button" aria-label={removeLabel(tag)} onClick={() => onChange(value.filter((known) => known !== tag))} className="grid size-5 place-items-center rounded text-ink-3 hover:bg-surface hover:text-ink">
            <X className="size-3" aria-hidden />
          </button>
        </span>
      ))}
      <input
        {...control}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={commit}
        placeholder={value.length === 0 ? placeholder : ""}
        autoCapitalize="none"
        className="h-6 min-w-20 flex-1 bg-transparent px-1 text-base outline-none sm:text-sm"
      />
    </div>
  );
}
