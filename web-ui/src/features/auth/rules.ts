import { strings } from "@/lib/strings";

const t = strings.auth;

/** The rules a browser can check by itself; the server has the last word. */
export const emailRule = (email: string): string | undefined =>
  !email.trim() ? strings.common.required : /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? undefined : t.emailInvalid;

/** `+44 20 7946 0018` as the API wants it, or null when it is no phone number. */
export function phoneOf(text: string): string | null {
  const bare = text.replace(/[\s()./-]/g, "");
  return /^\+\d{7,15}$/.test(bare) ? bare : null;
}

export function passwordRule(password: string): string | undefined {
  if (!password) return strings.common.required;
  const length = [...password].length;
  return length < 10 ? t.passwordShort : length > 128 ? t.passwordLong : undefined;
}

export const requiredRule = (text: string): string | undefined => (text.trim() ? undefined : strings.common.required);
