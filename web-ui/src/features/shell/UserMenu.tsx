import { Bell, ChevronsUpDown, LogOut, MonitorSmartphone, UserRound } from "lucide-react";
import { useNavigate } from "react-router";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useAuth } from "@/features/auth/AuthProvider";
import { useTheme, type ThemeChoice } from "@/hooks/useTheme";
import { strings } from "@/lib/strings";
import { timePrefs } from "@/lib/timePrefs";

const t = strings.shell;

export const initials = (name: string): string => {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
};

export function UserMenu({ onNavigate }: { onNavigate?: () => void }) {
  const { user, logOut, times, ownZone } = useAuth();
  const { choice, setChoice } = useTheme();
  const navigate = useNavigate();
  if (!user) return null;
  const go = (to: string) => {
    onNavigate?.();
    void navigate(to);
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        className="flex w-full items-center gap-2.5 rounded-lg px-2 py-1.5 text-left transition-colors hover:bg-surface-3 data-[state=open]:bg-surface-3"
      >
        <span className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-2xs font-semibold text-accent-text" aria-hidden>
          {initials(user.full_name)}
        </span>
        <span className="min-w-0 flex-1 leading-tight">
          <span className="sr-only">{t.userMenu}</span>
          <span className="block truncate text-sm font-medium text-ink">{user.full_name}</span>
          <span className="block truncate text-xs text-ink-3">{user.email}</span>
        </span>
        <ChevronsUpDown className="size-4 shrink-0 text-ink-3" aria-hidden />
      </DropdownMenuTrigger>
      <DropdownMenuContent side="top" align="start" className="w-56">
        <DropdownMenuItem onSelect={() => go("/account")}>
          <UserRound aria-hidden />
          {t.account}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => go("/account/notices")}>
          <Bell aria-hidden />
          {strings.notices.title}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => go("/account/sessions")}>
          <MonitorSmartphone aria-hidden />
          {t.sessions}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>{t.theme}</DropdownMenuLabel>
        <DropdownMenuRadioGroup value={choice} onValueChange={(value) => setChoice(value as ThemeChoice)}>
          {(["system", "light", "dark"] as const).map((value) => (
            <DropdownMenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
              {t.themes[value]}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>{t.times}</DropdownMenuLabel>
        <DropdownMenuRadioGroup value={times.style} onValueChange={(value) => timePrefs.set({ style: value === "exact" ? "exact" : "relative" })}>
          {(["relative", "exact"] as const).map((value) => (
            <DropdownMenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
              {t.timeStyles[value]}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        {ownZone === "UTC" ? null : (
          <>
            <DropdownMenuLabel>{t.timesIn}</DropdownMenuLabel>
            <DropdownMenuRadioGroup value={times.zone} onValueChange={(value) => timePrefs.set({ zone: value === "utc" ? "utc" : "own" })}>
              {([["own", ownZone.replaceAll("_", " ")], ["utc", "UTC"]] as const).map(([value, label]) => (
                <DropdownMenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
                  {label}
                </DropdownMenuRadioItem>
              ))}
            </DropdownMenuRadioGroup>
            <DropdownMenuSeparator />
          </>
        )}
        <DropdownMenuItem onSelect={() => void logOut()}>
          <LogOut aria-hidden />
          {t.logOut}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
