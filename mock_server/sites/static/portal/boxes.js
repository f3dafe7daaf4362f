// A code in six boxes: typing goes on to the next, a pasted code fills them all, the form sends them as one.
const boxes = [...document.querySelectorAll(".boxes input")];
const whole = document.querySelector("input[name=code]");
const join = () => { whole.value = boxes.map(box => box.value).join(""); };
boxes.forEach((box, index) => {
  box.addEventListener("input", () => { join(); if (box.value && boxes[index + 1]) boxes[index + 1].focus(); });
  box.addEventListener("keydown", event => {
    if (event.key === "Backspace" && !box.value && index) boxes[index - 1].focus();
  });
  box.addEventListener("paste", event => {
    event.preventDefault();
    const digits = event.clipboardData.getData("text").replace(/\D/g, "").slice(0, boxes.length - index);
    [...digits].forEach((digit, offset) => { boxes[index + offset].value = digit; });
    join();
  });
});
boxes[0].focus();
