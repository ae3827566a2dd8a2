import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Input } from "@/components/ui/input";
import { strings } from "@/lib/strings";

const TYPING_MS = 250;

/** Asks the server once per pause in typing. */
export function UserSearch({ q, onSearch }: { q: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = window.setTimeout(() => onSearch(text.trim()), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text, q, onSearch]);
  return (
    <div className="relative w-full sm:w-64">
      <Search className="pointer-events-none absolute left-2.5 top-1/2 size-4 -translate-y-1/2 text-ink-3" aria-hidden />
      <Input type="search" aria-label={strings.users.search} placeholder={strings.users.search} value={text} onChange={(event) => setText(event.target.value)} className="pl-8" />
    </div>
  );
}
