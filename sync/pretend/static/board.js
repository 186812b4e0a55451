const button = document.querySelector("button");
let paused = false;
button.hidden = false;
button.addEventListener("click", () => {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
});
setInterval(async () => {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("board").replaceWith(fresh.getElementById("board"));
  } catch { /* the simulator is away: the last figures stay */ }
}, 2000);
