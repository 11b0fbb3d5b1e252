"""Ways in which people ask for {a} + {b}, one a line."""

ADDING = """
{a} first and {b} later, all together?
my {a} and your {b}, how much have we
how much have {a} and {b} when they are counted as one
{n} got {a} for a birthday and {b} from a friend. What does {n} have in all?
the bus had {a} people, {b} joined. people now?
{a} plus {b} more is what number
after {a} come {b} more, so how many
what is the total if you have {a} and {b}
find the sum of the numbers {a} and {b}
{n} walked {a} metres and {m} {b} metres. What did they walk in all?
a cup for {a} and a plate for {b}, what is the price of both
i am {a} now, how old am i {b} years from now
{a} came by car and {b} by train. How many came?
we had {a} {t}, somebody brought {b}, how many have we got
{a} and another {b}, what does that come to?
i had {a} euros and my aunt gave me {b}, so now i have?
what do {a} and {b} add up to
combine {a} with {b}
if i put {b} on top of {a} where do i land
tally {a} and {b} for me
{b} extra on {a} is how many
we drove {a} km before lunch and {b} km after, how far in total?
My shop sold {a} {t} yesterday and {b} today. Sum?
grandma is {a}, in {b} years how old will she be?
{a} boys and {b} girls, how many kids
{a} kids are in the bus and {b} more climb in. How many kids now?
raise {a} by {b}
which number is {b} bigger than {a}?
one jar holds {a} {t}, the other {b}. All in all?
ok so {a} then plus {b} ?
bill was {a} dollars plus a tip of {b}. what did we pay?
There are {a} cows in one field and {b} in the next, how many cows altogether?
{n} read {a} pages on Saturday and {b} pages on Sunday; pages in total?
{a} ppl came, later {b} more came, how many ppl
{n} saved {a} coins and earns {b} more. How rich is {n}?
what will {a} be after adding {b}
increase {a} by {b}
sum it: {a}, {b}
{n} walks {a} steps, then {b} steps. How many steps altogether?
the population was {a} and grew by {b}. what is it now?
Two numbers, {a} and {b}. What is their sum?
my mum bought {a} eggs and my dad bought {b} eggs, how many eggs do we have
how high is a tower of {a} bricks when {b} bricks are put on top?
{a} likes yesterday, {b} new likes today, total likes?
A book costs {a} and a pen costs {b}. What do both cost together?
it was {a} degrees and got {b} degrees warmer. how warm is it?
if you have {a} of something and somebody hands you {b}, you have
add another {b} to {a} please
{a} men, {b} women: how many people?
can u add these: {a} {b}
the train has {a} seats in front and {b} at the back, how many seats in all?
{n} scored {a} points, {m} scored {b}. Points of both?
suppose i own {a} {t} and inherit {b}. how many do i own then
please add {b} onto {a}
could somebody add up {a} and {b} for me
{a} together with {b} gives?
{a} apples and {b} pears in a bowl, how many pieces of fruit
my brother caught {a} fish, I caught {b}. How many fish did we catch?
yesterday it rained {a} mm and today {b} mm, how much rain was it?
i ran {a} laps then {b} more laps, laps total?
what's {a} added to {b}
we collected {a} euros on monday and {b} euros on friday. how much money is it now
{n} spent {a} on food and {b} on toys. How much did {n} spend?
{a} cats and {b} dogs live here. Animals?
a truck carries {a} kg and another {b} kg, what do they carry together
i slept {a} minutes then another {b} minutes. how long did i sleep
There are {a} red cars and {b} white cars in the car park. How many cars is that?
{n} wrote {a} words before lunch and {b} after it. How many words did {n} write?
if a plant is {a} cm and grows {b} cm, how tall is it then
the shop had {a} customers in the morning and {b} in the afternoon. all day?
how many are {a} and {b}
{a} new messages and {b} old ones. messages altogether?
{n} has {a} stickers. {m} gives {n} {b} stickers. How many stickers does {n} have now?
i owe {a} to you and {b} to her. what do i owe
{a} pages are read and {b} are still to read. How many pages has the book?
whats the sum if i take {a} and {b}
{a} seconds plus {b} seconds, how many seconds?
Our class planted {a} trees, the other class {b}. How many trees were planted?
put {a} and {b} together, what do you get
{n} was born {a} days before {m}, who is {b} days old. How old is {n} in days?
add those numbers: {a} and {b}
give me {a} plus {b}
i had {a} points, just got {b}, how many points is that
{a} passengers at first, {b} more at the next stop, how many on board
can you tell me what {a} and {b} make
three of us? no, {a} of us, and {b} guests. how many people sit down to eat?
a farmer has {a} sheep and buys {b} goats. How many animals does the farmer have?
from {a}, go {b} higher
what number do i reach if i start at {a} and count on {b}
{n} has {a} marbles in one pocket and {b} in the other pocket, how many does {n} carry
{a} litres in the tank, we pour in {b} litres. how full is it?
the first part costs {a}, the second part {b}, what does it cost in total
{n} did {a} jumps, {m} did {b} jumps. How many jumps did they do together?
there's {a} on my card and {b} in my purse, how much money have i got
a shelf has {a} books on top and {b} books below. books?
last year {a} people came, this year {b} more than that. How many came this year?
my score was {a} and it went up {b}
{a}, and {b} on top
i drank {a} ml of milk and {b} ml of juice. how many ml did i drink
How many legs do i see if i see {a} legs here and {b} legs there?
{a} steps up and then {b} steps further up. Which step am I on?
work out the total of {a} and {b}
how much is it all together: {a}, {b}
"""
