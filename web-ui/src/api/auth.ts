import { acceptSession, api, endSession, idempotent } from "./client";
import type { Challenge, Meta, Page, Session, TokenAnswer, User } from "./types";

const anonymous = { anonymous: true } as const;

export const getMeta = (signal?: AbortSignal) =>
  api.get<Meta>("/meta", { ...anonymous, signal }).then((answer) => answer.data);

export const signUp = (body: { full_name: string; email: string; password: string; phone?: string }) =>
  api.post<Challenge>("/signup", body, { ...anonymous, ...idempotent() }).then((answer) => answer.data);

export const setUp = (body: { token: string; full_name: string; email: string; password: string }) =>
  api.post<Challenge>("/setup", body, anonymous).then((answer) => answer.data);

export const logIn = (body: { email: string; password: string }) =>
  api.post<Challenge>("/login", body, anonymous).then((answer) => answer.data);

export const resendOtp = (challenge_id: string) =>
  api.post<Challenge>("/send-otp", { challenge_id }, anonymous).then((answer) => answer.data);

/** For an e-mail address, or for a phone number; the answer is the same whether or not it is known. */
export const requestReset = (whose: { email: string } | { phone: string }) =>
  api.post<Challenge>("/send-otp", { ...whose, purpose: "password_reset" }, anonymous).then((answer) => answer.data);

export const resetPassword = (body: { challenge_id: string; otp: string; new_password: string }) =>
  api.post<unknown>("/reset-password", body, anonymous).then(() => undefined);

/** The refresh token comes as an HttpOnly cookie only. */
export async function verifyOtp(challenge_id: string, otp: string): Promise<TokenAnswer> {
  const { data } = await api.post<TokenAnswer>("/verify-otp", { challenge_id, otp, client: "browser" }, anonymous);
  acceptSession(data);
  return data;
}

export async function logOut(): Promise<void> {
  try {
    await api.patch("/logout");
  } finally {
    endSession();
  }
}

export const getMe = (signal?: AbortSignal) => api.get<User>("/me", { signal }).then((answer) => answer.data);

export const updateMe = (body: Partial<Pick<User, "full_name" | "phone" | "time_zone">>) =>
  api.patch<User>("/me", body).then((answer) => answer.data);

export const listSessions = (signal?: AbortSignal) =>
  api.get<Page<Session>>("/sessions", { signal }).then((answer) => answer.data);

export const deleteSession = (id: string) => api.delete(`/sessions/${id}`).then(() => undefined);

export const listUsers = (q: string, cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<User>>("/users", { params: { q: q || undefined, cursor: cursor ?? undefined }, signal }).then((answer) => answer.data);

export const updateUser = (id: string, body: { role?: User["role"]; status?: "Active" | "Deactivated" }) =>
  api.patch<User>(`/users/${id}`, body).then((answer) => answer.data);
