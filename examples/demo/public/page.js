// Shows the figures as they move. It connects again by itself when the app is back.
const offline = document.getElementById("offline");
const figures = document.getElementById("figures") && new EventSource("/figures");
figures?.addEventListener("open", () => (offline.hidden = true));
figures?.addEventListener("error", () => (offline.hidden = false));
figures?.addEventListener("message", ({ data }) => {
  for (const [id, value] of Object.entries(JSON.parse(data))) {
    document.getElementById(id).textContent = value.toLocaleString("en");
  }
});

// A form that is under way says so, and cannot be sent twice.
addEventListener("submit", ({ target, submitter }) => {
  target.setAttribute("aria-busy", "true");
  submitter.disabled = true;
  sessionStorage.setItem("focus", target.dataset.focus ?? submitter.id);
});
// A page that the browser kept for "back" is as it was when it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    form.removeAttribute("aria-busy");
    form.querySelector("button").disabled = false;
  }
});

// The page that follows has the focus where it was.
const focus = sessionStorage.getItem("focus");
sessionStorage.removeItem("focus");
if (focus) document.getElementById(focus)?.focus();
