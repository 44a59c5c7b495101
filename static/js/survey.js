// Keeps a survey while somebody answers it, and counts what is answered.
// The page works without this: "Keep and go on later" does the same by hand.

const PAUSE = 1200; // milliseconds after the last change

const form = document.querySelector("form[data-survey]");
const bar = form.querySelector("[data-progress]");
const words = form.querySelector("[data-progress-words]");
const kept = form.querySelector("[data-kept]");
let timer = 0;
let isSending = false;

function isAnswered(question) {
  const text = question.querySelector("textarea");
  return text ? text.value.trim() !== "" : question.querySelector("input:checked") !== null;
}

function count() {
  const questions = [...form.querySelectorAll("[data-question]")];
  const answered = questions.filter(isAnswered).length;
  bar.value = answered;
  words.textContent = words.dataset.words
    .replace("NUMBER", String(answered))
    .replace("TOTAL", String(questions.length));
}

function say(text) {
  kept.textContent = text;
  kept.hidden = false;
}

async function keep() {
  const body = new URLSearchParams(new FormData(form));
  body.append("keep", "1");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Autosave": "1" },
      redirect: "manual",
    });
    if (isSending) return;
    say(answer.status === 204 ? kept.dataset.keptWords : kept.dataset.lostWords);
  } catch {
    say(kept.dataset.lostWords);
  }
}

form.addEventListener("input", () => {
  count();
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
});

form.addEventListener("submit", () => {
  isSending = true;
  clearTimeout(timer);
});

count();
