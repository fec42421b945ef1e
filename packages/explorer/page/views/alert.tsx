import type { ComponentChildren } from "preact";

/** Says what went wrong, also to a screen reader. Shows nothing as long as nothing did. */
export function Alert({ children }: { readonly children: ComponentChildren }) {
  if (children === undefined) return null;
  return (
    <p class="warning" role="alert">
      {children}
    </p>
  );
}
