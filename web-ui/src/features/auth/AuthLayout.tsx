import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { BrandMark } from "@/components/Brand";
import { Segmented } from "@/components/ui/segmented";
import { useTheme, type ThemeChoice } from "@/hooks/useTheme";
import { useTitle } from "@/hooks/useTitle";
import { strings } from "@/lib/strings";

const themes = [
  { value: "system", label: <Monitor aria-hidden />, title: strings.shell.themes.system },
  { value: "light", label: <Sun aria-hidden />, title: strings.shell.themes.light },
  { value: "dark", label: <Moon aria-hidden />, title: strings.shell.themes.dark },
] as const;

/** The frame of every screen before the log-in. */
export function AuthLayout({ title, text, children, footer }: { title: string; text?: ReactNode; children: ReactNode; footer?: ReactNode }) {
  const { choice, setChoice } = useTheme();
  useTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="flex flex-1 flex-col items-center justify-center px-4 py-10">
        <div className="w-full max-w-[25rem]">
          <div className="mb-7 flex flex-col items-center text-center">
            <BrandMark className="mb-5 size-11" />
            <h1 className="text-2xl font-semibold tracking-[-0.02em] text-ink">{title}</h1>
            {text ? <p className="mt-1.5 text-base text-ink-2">{text}</p> : null}
          </div>
          <div className="panel px-5 py-6 shadow-2 sm:px-7">{children}</div>
          {footer ? <div className="mt-5 text-center text-sm text-ink-2">{footer}</div> : null}
        </div>
      </main>
      <footer className="flex flex-col-reverse items-center justify-between gap-3 px-6 py-5 text-center text-xs text-ink-3 sm:flex-row">
        <p>
          {strings.common.product} · {strings.auth.tagline}
        </p>
        <Segmented<ThemeChoice> label={strings.shell.theme} value={choice} options={themes} onChange={setChoice} />
      </footer>
    </div>
  );
}
