import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Switch } from "@/components/ui/toggle";
import { useAuth } from "@/features/auth/AuthProvider";
import { KEYS_OFF, keysAreOff } from "@/hooks/useHotkey";
import { strings } from "@/lib/strings";
import { ADMIN, DEVELOP, OTHER, WORK } from "./places";

const t = strings.shell;

const Key = ({ keys }: { keys: string }) => (
  <span className="flex shrink-0 gap-1">
    {keys.split(" ").map((key) => (
      <kbd key={key} className="min-w-6 rounded border border-line-strong bg-surface-2 px-1.5 text-center text-xs leading-5 text-ink-2">
        {key}
      </kbd>
    ))}
  </span>
);

function Group({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3 className="mb-1.5 text-sm font-semibold text-ink">{title}</h3>
      <dl>
        {rows.map(([keys, text]) => (
          <div key={keys} className="flex items-center justify-between gap-3 py-1 text-sm">
            <dt className="order-2">
              <Key keys={keys} />
            </dt>
            <dd className="text-ink-2">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The list behind `?`, and the switch for those whose tools need the keys themselves. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const { user } = useAuth();
  const [off, setOff] = useState(keysAreOff);
  const places = [...WORK, ...(user?.role === "admin" ? ADMIN : []), ...DEVELOP, ...OTHER].filter(({ key }) => key);
  // Two columns of about the same height.
  const columns = [
    [
      { title: t.keyGroups.everywhere, rows: t.keyList },
      { title: t.keyGroups.lists, rows: t.keyListRows },
    ],
    [{ title: t.keyGroups.go, rows: places.map(({ key, label }) => [`g ${key}`, label] as const) }],
  ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={t.shortcuts} className="sm:max-w-2xl">
        <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
          {columns.map((groups) => (
            <div key={groups[0]?.title} className="flex flex-col gap-5">
              {groups.map(({ title, rows }) => (
                <Group key={title} title={title} rows={rows} />
              ))}
            </div>
          ))}
        </div>
        <label htmlFor="keys-on" className="mt-5 flex items-center gap-3 border-t border-line pt-4 text-sm text-ink-2">
          <Switch
            id="keys-on"
            checked={!off}
            onCheckedChange={(on) => {
              setOff(!on);
              try {
                if (on) localStorage.removeItem(KEYS_OFF);
                else localStorage.setItem(KEYS_OFF, "true");
              } catch {
                /* storage is blocked: keys stay on */
              }
            }}
          />
          {t.keysOn}
        </label>
      </DialogContent>
    </Dialog>
  );
}
