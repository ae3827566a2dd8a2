import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({ extend: { theme: { text: ["2xs"], shadow: ["1", "2", "3"] } } });

export const cn = (...inputs: ClassValue[]): string => merge(clsx(inputs));
