import { createContext } from "react";

/**
 * Where menus are mounted: inside the page's main landmark, or inside the drawer that covers it, so that they
 * are never outside of every landmark nor hidden together with what a dialog hides.
 */
export const LayerContext = createContext<HTMLElement | null>(null);
