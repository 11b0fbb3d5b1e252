"""Ways in which people ask for {a} * {b}, one a line."""

MULTIPLYING = """
how many {t} are in {a} boxes if each has {b}
{a} people with {b} {t} each, how many {t} are that
one costs {a}. what do {b} cost?
{a} days with {b} hours, how many hours
how much is it if i pay {a} for each of {b}
a field is {a} wide and {b} long. what is its area
{n} saves {a} a month. How much after {b} months?
{a} plates, on every plate {b} {t}. All in all?
{a} trips of {b} km, how far is that
one piece weighs {a}. What is the weight of {b}?
there are {a} classes with {b} pupils. How many pupils?
{a} spiders have {b} legs each, how many legs together
{a} tables with {b} legs each, how many legs
{a} hours at {b} euros an hour, how much money is that?
{a} packets at {b} dollars each cost?
{n} runs {a} km a day. How far in {b} days?
{a} by {b}
what is {a} by {b}
area of a room {a} long and {b} wide?
if one ticket is {a}, how much are {b} tickets
{a} multiplied {b} times
{a} floors, {b} rooms on every floor, how many rooms?
each of {a} pupils brings {b} {t}. How many {t}?
{a} cars have {b} wheels each; wheels in total?
a pack has {a} {t}. I buy {b} packs. How many {t} do I get?
{a} taken {b} times
i do {a} pushups every day for {b} days. total?
{a} shelves hold {b} books each, how many books do they hold
calc {a} mult {b}
multiply these two: {a}, {b}
{a} times as many as {b}
{n} earns {a} a week, how much in {b} weeks?
{a} hens lay {b} eggs each. How many eggs?
a garden {a} metres by {b} metres, how many square metres?
what do {a} {t} cost if one costs {b}?
{a} teams of {b} players, how many players
the product from {a} and {b} ?
a lesson has {a} minutes, how many minutes are {b} lessons
{a} lines with {b} words a line, words?
{a} bunches of {b} flowers make how many flowers?
{a} copies of {b} pages, how much paper do i need
how much do {a} bottles at {b} cents come to?
{a} buses carry {b} people each. how many people are that
every one of the {a} drawers has {b} {t} in it. All {t}?
what if i had {a} times {b}
{n} drinks {a} glasses every day. How many glasses in {b} days?
please multiply {a} by {b}
{n} buys {a} shirts for {b} each. How much does {n} pay?
a week of {a} hours, {b} such weeks, hours?
how many wheels do {a} cars have with {b} wheels each
i read {a} pages a day. how many pages do i read in {b} days
{a} rows with {b} seats. how many people can sit?
each ticket costs {a}. We need {b}. What is the price for all?
{a} trees with {b} apples on each tree, how many apples
what's {a} times {b}
the bus goes {a} times a day with {b} people each time. How many people a day?
if one box weighs {a} kg, what do {b} boxes weigh?
{a} copies of a book with {b} pages, pages altogether?
i save {a} every week, how much is that after {b} weeks
{n} plants {a} rows of {b} carrots. How many carrots?
how much are {a} coffees at {b} each
give me the product of {a} and {b}
{a} baskets hold {b} eggs each. How many eggs are there altogether?
a car drives {a} km an hour. how far does it get in {b} hours?
{n} has {a} bags. There are {b} sweets in each bag. How many sweets does {n} have?
{a} kids bring {b} cookies each to school. cookies?
{a} times {b} please
{a} fold {b}
a wall is {a} bricks long and {b} bricks high. How many bricks?
every page has {a} words and there are {b} pages. Words in the book?
{a} weeks with {b} days each, in days?
one row has {a} plants. how many plants are in {b} rows
we have {a} cars and in each sit {b} people, how many of us are there
what do i pay for {a} nights if a night costs {b}
{n} drinks {a} cups a day. How many cups does {n} drink in {b} days?
{a} hands with {b} fingers each, how many fingers
can you do {a} times {b} for me
a machine makes {a} screws a minute. how many in {b} minutes?
there are {a} houses in the street and {b} people live in each. people?
{a} sets of {b}
i need {a} g for one cake. how many g for {b} cakes
{a} children get {b} sweets each. How many sweets do we need?
{a} groups, {b} members each, total members?
i practise {a} minutes each day, {b} days long. how many minutes is that
how many squares has a board of {a} by {b}?
each of my {a} cousins has {b} dolls. How many dolls?
if i add {a} to itself {b} times over i get, i mean {a} times {b}
{n} swims {a} lengths on each of {b} days. How many lengths?
repeat {a} {b} times, what is the sum
one pen costs {a} cents, {n} buys {b}. How many cents?
{a} cages, {b} rabbits in every cage. How many rabbits?
{a} people each gave {b} euros. How much came together?
a page has {a} lines. How many lines do {b} pages have?
we work {a} hours a day. {b} days of work are how many hours?
{a} multiplied with {b}
tell me {a} lots of {b}
{n} gets {a} a week for {b} weeks. How much is that in total?
{a} a week for {b} weeks, how much
{a} euros a day for {b} days is how much?
{n} is paid {a} an hour and works {b} hours. How much does {n} earn?
i earn {a} per hour, worked {b} hours, whats my pay
whats my pay for {a} hours at {b} per hour
what is the pay for {a} days if one day brings {b}
{a} km per hour for {b} hours, how far is that
at {a} km an hour, how far do i come in {b} hours
a train goes {a} km each hour. After {b} hours it has gone how far?
petrol is {a} a litre, i fill in {b} litres. what must i pay
{a} litres at {b} cents per litre?
{a} kilos of cherries at {b} the kilo, please, how much
how much for {a} kg if a kg is {b}
apples are {a} a kilo. What do {b} kilos cost me?
tickets are {a} apiece and we are {b} people, how much do we need
entry is {a} per head. {b} heads. total?
{a} per person for {b} people makes
{a} each for {b} of us, whats the bill
if {a} people pay {b} each, how much comes in
{n} buys {a} tickets at {b} apiece. What does {n} spend altogether?
each of {a} guests pays {b}, how much is in the till
i want {a} of them and they cost {b} each. how much money do i need
{a} packs, {b} per pack, total number?
{a} packs of {b} makes how many
packs of {a}, i have {b} of them, how many {t}
how many eggs in {a} cartons of {b}
a carton has {a} eggs, so {b} cartons have?
{n} opened {a} boxes and found {b} {t} in every one. How many {t} were there?
there r {a} sweets in a bag n i got {b} bags how many sweets
{a} bags x {b} sweets
Every bag has {a} sweets. I bought {b} bags. How many sweets did I buy?
{n} has {a} times as many {t} as {m}. {m} has {b}. How many does {n} have?
{m} has {a} {t} and {n} has {b} times as many. How many has {n}?
my dad is {a} times as old as me and i am {b}. how old is my dad
he ran {a} times as far as me, i ran {b} m. how far did he run
a whale weighs {a} times as much as a horse, and a horse weighs {b} kg. What does the whale weigh?
it takes {a} minutes to make one, so how long do {b} take
one takes {a} minutes, how many minutes for {b}
if one round takes {a} seconds how long will {b} rounds take
{n} needs {a} minutes for a page. How long for {b} pages?
each song lasts {a} seconds. {b} songs last how long?
{a} songs of {b} minutes, how long is the album
in each of the {a} rooms stand {b} beds. How many beds does the house have?
The hotel has {a} floors. On each floor are {b} doors. How many doors are there in all?
{a} floors with {b} windows per floor. windows?
a school with {a} classes, {b} kids in a class, how many kids altogether
{a} rows, {b} chairs per row, how many chairs in the hall
chairs stand in {a} rows of {b}. how many can sit down
{n} sets up {a} rows with {b} chairs in each row. Number of chairs?
{a} columns and {b} rows, how many cells
a chocolate bar has {a} rows of {b} pieces. How many pieces in all?
tiles: {a} along one side and {b} along the other, how many tiles
carpet {a} m long, {b} m wide, how many square metres
whats the area if the length is {a} and the width is {b}
A rectangle has the sides {a} and {b}. What is its area?
what area has a yard of {a} by {b} metres
{a} octopuses with {b} arms each, arms in total?
{a} stools with {b} legs apiece, how many legs altogether
{a} wheels on each of {b} lorries. How many wheels?
{n} eats {a} nuts a day. How many nuts in {b} days?
{n} takes {a} pills per day. How many pills does {n} need for {b} days?
the cat eats {a} g of food a day, how much in {b} days
our cow gives {a} litres each day. How many litres does she give in {b} days?
a pack of {a} batteries, i use up {b} packs. batteries used?
i read {a} pages every evening. how many have i read after {b} evenings
{n} learns {a} new words per day. After {b} days how many words does {n} know?
{n} practises {a} times a week, {b} minutes each time. Minutes a week?
{n} saves {a} cents every day. How much has {n} saved after {b} days?
putting away {a} a month, what do i have after {b} months
i pay {a} rent per month, how much is that over {b} months
a phone is paid with {a} rates of {b}. what does it cost altogether
{a} payments of {b}, sum?
subscription is {a} monthly, for {b} months thats
parking costs {a} per hour. I stay {b} hours. What do I pay?
the hall is {a} an hour to rent, we want it {b} hours
a night costs {a}, we stay {b} nights, how much is the hotel
{a} nights at {b} per night?
{a} teams came and each had {b} players. How many players came?
{a} tables, {b} guests at each table, guests in total?
at {a} tables sit {b} people each. how many people sit there
{n} invites {a} families of {b}. How many guests is that?
{a} trees stand in each of {b} rows. Trees in the orchard?
{n} planted {a} rows with {b} tulips in every row. How many tulips did {n} plant?
per box {a} bottles, and there are {b} boxes on the lorry. bottles?
a lorry takes {a} crates and each crate {b} bottles, how many bottles does it take
a crate holds {a} bottles, how many bottles are in {b} crates
{a} shelves, each with {b} {t}. How many {t} does the shop have?
how many {t} must i buy if {a} kids should get {b} each
every one of the {a} kids needs {b} sheets of paper. How many sheets should the teacher bring?
{a} pupils, {b} pencils for each pupil, pencils needed?
i have to give {a} stickers to each of my {b} friends, how many stickers do i need
{a} bees visit {b} flowers each. flowers visited?
a printer does {a} pages per minute, how many pages in {b} minutes
{a} drops per second, how many drops in {b} seconds?
my heart beats {a} times a minute. How often in {b} minutes?
the wheel turns {a} times a second for {b} seconds. how many turns
one bus carries {a} pupils. How many pupils can {b} buses carry?
each trip the ferry takes {a} cars. it makes {b} trips. how many cars
{n} swam {a} lanes of {b} metres. How many metres did {n} swim?
{a} laps of {b} metres, how many metres did i run
one lap is {a} m, i do {b} laps. distance?
a step is {a} cm. How far do I get with {b} steps?
a ladder has {a} rungs, {b} cm apart. how high is it
bricks are {a} cm high, {b} of them on top of one another, how high
{n} glues {a} strips of {b} cm together. How long is it all?
{a} pieces of {b} cm each, how long was the whole rope
a recipe takes {a} g of flour, i make it {b} times, how much flour
for one shirt you need {a} buttons. For {b} shirts?
{n} sews {a} coats, each with {b} buttons. How many buttons does {n} need?
{a} coins of {b} cents, how many cents is it
i have {a} notes of {b} euros. how much money do i have
{a} stamps at {b} cents apiece, what do they cost altogether
one stamp is {a} cents. whats the cost of {b} stamps
how much are {a} {t} at {b} each?
{a} {t} for {b} apiece. total price?
{n} sold {a} cups of tea for {b} each. How much money did {n} take in?
the school sold {a} tickets for {b} euros each, how many euros came in
if {a} hens each lay {b} eggs a month, how many eggs a month
{n} throws {a} times and gets {b} points each time. How many points altogether?
every correct answer gives {a} points. i had {b} correct. my points?
what is {a} lots of {b} please
{a} groups of {b} makes
what do {a} groups with {b} in every group come to
{a} lots with {b} in a lot, so that makes
how much is {a} taken {b} times
count {a} {b} times over
i need the result of {a} multiplied by {b}
{a} dots a line, {b} lines, dots?
"""
