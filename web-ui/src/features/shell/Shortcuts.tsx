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

/** The list behind `?`, and the switch for those whose tools need the keys themselves. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const { user } = useAuth();
  const [off, setOff] = useState(keysAreOff);
  const places = [...WORK, ...(user?.role === "admin" ? ADMIN : []), ...DEVELOP, ...OTHER].filter(({ key }) => key);
  const groups = [
    { title: t.keyGroups.everywhere, rows: t.keyList },
    { title: t.keyGroups.go, rows: places.map(({ key, label }) => [`g ${key}`, label] as const) },
    { title: t.keyGroups.lists, rows: t.keyListRows },
  ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={t.shortcuts} className="sm:max-w-2xl">
        <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
          {groups.map(({ title, rows }) => (
            <section key={title}>
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
