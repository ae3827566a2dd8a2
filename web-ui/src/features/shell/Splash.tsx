import { BrandMark } from "@/components/Brand";
import { strings } from "@/lib/strings";

export function Splash() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <div role="status" className="flex flex-col items-center gap-4">
        <BrandMark className="size-11 animate-pulse" />
        <span className="sr-only">{strings.common.loading}</span>
      </div>
    </main>
  );
}
