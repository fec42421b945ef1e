// Shows the figures as they move. It connects again by itself when the app is back.
new EventSource("/figures").addEventListener("message", ({ data }) => {
  for (const [id, value] of Object.entries(JSON.parse(data))) {
    document.getElementById(id).textContent = value.toLocaleString("en");
  }
});
