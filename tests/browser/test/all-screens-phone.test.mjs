// Every screen on a phone, light and dark.
import { tour } from "../lib/tour.mjs";

tour("phone");
