import type { Setting } from "@/api/types";

export const wasSet = (setting: Setting): boolean => setting.source !== "default";

/** Keys that hold all words in their name, variable, description, value or place. */
export function findSettings(settings: readonly Setting[], search: string, onlySet: boolean): Setting[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((setting) => {
    if (onlySet && !wasSet(setting)) return false;
    const text = [setting.key, setting.variable, setting.description, setting.value, setting.otherwise, setting.place].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
