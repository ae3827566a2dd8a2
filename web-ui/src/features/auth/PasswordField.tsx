import { Eye, EyeOff } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { strings } from "@/lib/strings";

const t = strings.auth;

interface PasswordFieldProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
  hint?: string;
  aside?: ReactNode;
  isNew?: boolean;
}

export function PasswordField({ label = t.password, value, onChange, error, hint, aside, isNew = false }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <Field label={label} error={error} hint={hint} aside={aside}>
      {(control) => (
        <div className="relative">
          <Input
            {...control}
            type={shown ? "text" : "password"}
            autoComplete={isNew ? "new-password" : "current-password"}
            autoCapitalize="none"
            spellCheck={false}
            className="pr-10"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <button
            type="button"
            onClick={() => setShown(!shown)}
            aria-pressed={shown}
            aria-label={shown ? t.hidePassword : t.showPassword}
            className="absolute inset-y-1 right-1 grid w-8 place-items-center rounded-md text-ink-3 hover:bg-surface-3 hover:text-ink"
          >
            <Icon className="size-4" aria-hidden />
          </button>
        </div>
      )}
    </Field>
  );
}
