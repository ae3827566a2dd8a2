import { useEffect } from "react";
import { bulkIsOver, getBulk, type BulkOperation } from "@/api/bulk";
import { useResource, type Resource } from "@/hooks/useResource";

const FOLLOW_MS = 700;

/** One operation, followed to its end. */
export function useBulkOperation(id: string | null): Resource<BulkOperation> {
  const operation = useResource(id ? `bulk/${id}` : null, (signal) => getBulk(id ?? "", signal));
  const { data, reload } = operation;
  const open = id !== null && (data === undefined || !bulkIsOver(data));
  useEffect(() => {
    if (!open) return;
    const timer = window.setInterval(() => document.visibilityState === "visible" && reload(), FOLLOW_MS);
    return () => window.clearInterval(timer);
  }, [open, reload]);
  return operation;
}
