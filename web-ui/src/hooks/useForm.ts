import { useCallback, useRef, useState, type FormEvent } from "react";
import { fieldErrors, toProblem, type Problem } from "@/api/problem";

export type Errors = Record<string, string | undefined>;

interface Options<V> {
  initial: V;
  /** What can be said before asking the server; keys are field paths as in the server's pointers. */
  validate?: (values: V) => Errors;
  submit: (values: V) => Promise<void>;
  /** Field paths that the form shows errors for; other ones stand above the form. */
  fields: readonly string[];
}

/**
 * A form: values, errors per field and above it, one submission at a time. The server's problem+json lands on
 * the fields it points at, and the first field with an error gets the focus.
 */
export function useForm<V extends object>({ initial, validate, submit, fields }: Options<V>) {
  const [values, setValues] = useState<V>(initial);
  const [errors, setErrors] = useState<Errors>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [rest, setRest] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const busyRef = useRef(false);
  const form = useRef<HTMLFormElement>(null);

  const set = useCallback(<K extends keyof V>(key: K, value: V[K]) => {
    setValues((known) => ({ ...known, [key]: value }));
    // A value that holds several fields takes the errors of all of them away.
    setErrors((known) => {
      const name = key as string;
      const gone = Object.keys(known).filter((path) => known[path] && (path === name || path.startsWith(`${name}.`)));
      return gone.length > 0 ? { ...known, ...Object.fromEntries(gone.map((path) => [path, undefined])) } : known;
    });
  }, []);

  const showErrors = useCallback((found: Errors) => {
    setErrors(found);
    window.setTimeout(() => {
      const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      (field ?? form.current?.querySelector<HTMLElement>("[data-form-problem]"))?.focus();
    }, 0);
  }, []);

  const onSubmit = useCallback(
    async (event?: FormEvent) => {
      event?.preventDefault();
      if (busyRef.current) return;
      setProblem(null);
      setRest([]);
      const found = Object.fromEntries(Object.entries(validate?.(values) ?? {}).filter(([, message]) => message));
      if (Object.keys(found).length > 0) return showErrors(found);
      busyRef.current = true;
      setBusy(true);
      try {
        setErrors({});
        await submit(values);
      } catch (error) {
        const failed = toProblem(error);
        const sorted = fieldErrors(failed, fields);
        setProblem(Object.keys(sorted.byField).length > 0 && sorted.rest.length === 0 ? null : failed);
        setRest(sorted.rest);
        showErrors(sorted.byField);
      } finally {
        busyRef.current = false;
        setBusy(false);
      }
    },
    [values, validate, submit, fields, showErrors],
  );

  return { values, set, setValues, errors, problem, rest, busy, form, onSubmit };
}
