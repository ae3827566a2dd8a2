import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";

export const OTP_LENGTH = 8;

/** Digits out of whatever was typed or pasted ("4930 1866", a whole sentence of the mail). */
export const digitsOf = (text: string): string => text.replace(/\D/g, "").slice(0, OTP_LENGTH);

interface OtpInputProps {
  id: string;
  value: string;
  onChange: (digits: string) => void;
  onComplete?: (digits: string) => void;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
  disabled?: boolean;
}

/**
 * Eight boxes over one real input: paste, autofill from the phone's messages, undo and screen readers
 * work because there is nothing to imitate.
 */
export function OtpInput({ value, onChange, onComplete, disabled, ...control }: OtpInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const [focused, setFocused] = useState(false);

  useEffect(() => input.current?.focus(), []);

  const change = (text: string) => {
    const digits = digitsOf(text);
    onChange(digits);
    if (digits.length === OTP_LENGTH && digits !== value) onComplete?.(digits);
  };

  return (
    <div className="relative">
      <div className="grid grid-cols-[repeat(4,1fr)_0.5rem_repeat(4,1fr)] gap-1.5" aria-hidden>
        {Array.from({ length: OTP_LENGTH }, (_, index) => {
          const active = focused && index === Math.min(value.length, OTP_LENGTH - 1);
          return (
            <span
              key={index}
              className={cn(
                "grid h-12 place-items-center rounded-lg border border-line-strong bg-surface text-xl font-semibold tabular-nums text-ink shadow-1 transition-[border-color,box-shadow]",
                index === 4 && "col-start-6",
                active && "border-ring ring-2 ring-ring/35",
                control["aria-invalid"] && "border-danger",
                disabled && "opacity-60",
              )}
            >
              {value[index] ?? (active ? <span className="h-5 w-px animate-pulse bg-ink" /> : null)}
            </span>
          );
        })}
      </div>
      <input
        {...control}
        ref={input}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9]*"
        name="otp"
        disabled={disabled}
        value={value}
        onChange={(event) => change(event.target.value)}
        onPaste={(event) => {
          event.preventDefault();
          change(event.clipboardData.getData("text"));
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        className="absolute inset-0 w-full cursor-text bg-transparent text-transparent caret-transparent opacity-0 outline-none"
      />
    </div>
  );
}
