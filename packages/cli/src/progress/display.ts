import type { Meter } from "./meter.ts";

/** What shows the figures of a {@link Meter}. */
export interface Display {
  /** How often it wants to show them. */
  readonly intervalMs: number;
  show(meter: Meter): void;
  note(text: string): void;
  /** Shows nothing more. */
  end(): void;
  summary(meter: Meter): void;
}
