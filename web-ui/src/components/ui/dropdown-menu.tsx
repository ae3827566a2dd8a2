import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import { useContext, type ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { LayerContext } from "./layer";

/** Not modal: the modal one injects a <style> element, which the Content-Security-Policy blocks. */
export const DropdownMenu = (props: ComponentProps<typeof Primitive.Root>) => <Primitive.Root modal={false} {...props} />;
export const DropdownMenuTrigger = Primitive.Trigger;
export const DropdownMenuGroup = Primitive.Group;

export function DropdownMenuContent({ className, sideOffset = 6, ...props }: ComponentProps<typeof Primitive.Content>) {
  const layer = useContext(LayerContext);
  return (
    <Primitive.Portal container={layer}>
      <Primitive.Content
        sideOffset={sideOffset}
        collisionPadding={10}
        className={cn("z-50 min-w-44 animate-pop-in rounded-xl border border-line bg-surface p-1 shadow-2 outline-none", className)}
        {...props}
      />
    </Primitive.Portal>
  );
}

const item =
  "relative flex cursor-pointer select-none items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm text-ink outline-none data-[disabled]:pointer-events-none data-[highlighted]:bg-surface-3 data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3";

export function DropdownMenuItem({ className, danger, ...props }: ComponentProps<typeof Primitive.Item> & { danger?: boolean }) {
  return (
    <Primitive.Item
      className={cn(item, danger && "text-danger-text data-[highlighted]:bg-danger-soft [&_svg]:text-danger-text", className)}
      {...props}
    />
  );
}

export function DropdownMenuCheckboxItem({ className, children, ...props }: ComponentProps<typeof Primitive.CheckboxItem>) {
  return (
    <Primitive.CheckboxItem className={cn(item, "pl-2", className)} {...props}>
      <span className="grid size-4 place-items-center rounded-[5px] border border-line-strong">
        <Primitive.ItemIndicator>
          <Check className="!size-3.5 !text-accent-text" strokeWidth={3} aria-hidden />
        </Primitive.ItemIndicator>
      </span>
      {children}
    </Primitive.CheckboxItem>
  );
}

export const DropdownMenuRadioGroup = Primitive.RadioGroup;

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(item, "pr-8", className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-2.5">
        <Check className="!text-accent-text" aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn("px-2.5 pb-1 pt-1.5 text-xs font-medium text-ink-3", className)} {...props} />;
}

export function DropdownMenuSeparator({ className, ...props }: ComponentProps<typeof Primitive.Separator>) {
  return <Primitive.Separator className={cn("-mx-1 my-1 h-px bg-line", className)} {...props} />;
}
