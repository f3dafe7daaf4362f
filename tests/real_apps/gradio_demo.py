"""A demo of Gradio's controls; what is booked is written to a file."""

import json
import pathlib
import sys

import gradio as gr

sent = pathlib.Path("sent.json")


def greet(name, punctuation):
    return f"Hello {name}{punctuation}"


def order(city, seats, meal, extras, gift):
    sent.write_text(json.dumps([city, seats, meal, sorted(extras), gift]))
    return f"Booked {seats} seats to {city}"


with gr.Blocks(title="Demo") as demo:
    with gr.Tab("Greeting"):
        name = gr.Textbox(label="Name")
        punctuation = gr.Radio(["!", "?"], value="!", label="Punctuation")
        greeting = gr.Textbox(label="Greeting", interactive=False)
        gr.Button("Greet").click(greet, [name, punctuation], greeting)
    with gr.Tab("Journey"):
        city = gr.Dropdown(["Bergen", "Oslo", "Tromso"], value="Bergen", label="City")
        seats = gr.Slider(1, 10, value=2, step=1, label="Seats")
        meal = gr.Radio(["Soup", "Salad"], value="Soup", label="Meal")
        extras = gr.CheckboxGroup(["Window", "Blanket", "Paper"], label="Extras")
        gift = gr.Checkbox(label="It is a gift")
        ticket = gr.Textbox(label="Ticket", interactive=False)
        gr.Button("Book").click(order, [city, seats, meal, extras, gift], ticket)
    with gr.Tab("Calculator"):
        first = gr.Number(label="First")
        second = gr.Number(label="Second")
        total = gr.Number(label="Total", interactive=False)
        gr.Button("Add").click(lambda a, b: a + b, [first, second], total)
demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]))
