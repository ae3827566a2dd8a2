import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { router } from "@/app/router";
import { FeedbackProvider } from "@/components/Feedback";
import { TooltipProvider } from "@/components/ui/tooltip";
import { AuthProvider } from "@/features/auth/AuthProvider";
import { ThemeProvider } from "@/hooks/useTheme";
import "@/styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <TooltipProvider delayDuration={250}>
        <FeedbackProvider>
          <AuthProvider>
            <RouterProvider router={router} />
          </AuthProvider>
        </FeedbackProvider>
      </TooltipProvider>
    </ThemeProvider>
  </StrictMode>,
);
