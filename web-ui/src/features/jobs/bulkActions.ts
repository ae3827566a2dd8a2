import { Ban, Pause, Play, RotateCcw, Tags, Trash2, type LucideIcon } from "lucide-react";

export const BULK_ACTIONS = ["run", "pause", "resume", "cancel", "tag", "delete"] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];
export const bulkIcons: Record<BulkAction, LucideIcon> = { run: Play, pause: Pause, resume: RotateCcw, cancel: Ban, tag: Tags, delete: Trash2 };
