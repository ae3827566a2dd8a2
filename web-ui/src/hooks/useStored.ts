import { useCallback, useState } from "react";

/** A small thing that this browser remembers. What is stored and makes no sense is forgotten. */
export function useStored<T>(key: string, initial: T, isValid: (value: unknown) => value is T): [T, (next: T) => void] {
  const name = `scheduler.${key}`;
  const [value, setValue] = useState<T>(() => {
    try {
      const known: unknown = JSON.parse(localStorage.getItem(name) ?? "null");
      return isValid(known) ? known : initial;
    } catch {
      return initial;
    }
  });
  const put = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(name, JSON.stringify(next));
      } catch {
        /* storage is blocked: it lasts until the page closes */
      }
    },
    [name],
  );
  return [value, put];
}

export const isStringList = (value: unknown): value is string[] => Array.isArray(value) && value.every((entry) => typeof entry === "string");
